import type { AnyRule } from '../../model/rule.ts';
import ineffectiveUserCreate from './ineffective-user-create.ts';
import loggedAccountToken from './logged-account-token.ts';
import machineAdministrator from './machine-administrator.ts';
import malformedUserCreate from './malformed-user-create.ts';
import obsoleteRegistrationSetting from './obsolete-registration-setting.ts';
import openRegistration from './open-registration.ts';
import weakAccountToken from './weak-account-token.ts';

export default [
  ineffectiveUserCreate,
  loggedAccountToken,
  machineAdministrator,
  malformedUserCreate,
  obsoleteRegistrationSetting,
  openRegistration,
  weakAccountToken,
] satisfies readonly AnyRule[];
