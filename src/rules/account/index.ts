import type { AnyRule } from '../../model/rule.ts';
import ineffectiveUserCreate from './ineffective-user-create.ts';
import loggedAccountToken from './logged-account-token.ts';
import malformedUserCreate from './malformed-user-create.ts';
import openRegistration from './open-registration.ts';
import weakAccountToken from './weak-account-token.ts';

export default [
  ineffectiveUserCreate,
  loggedAccountToken,
  malformedUserCreate,
  openRegistration,
  weakAccountToken,
] satisfies readonly AnyRule[];
