export { default as ineffectiveUserCreate } from './ineffective-user-create.ts';
export { default as loggedAccountToken } from './logged-account-token.ts';
export { default as machineAdministrator } from './machine-administrator.ts';
export { default as malformedUserCreate } from './malformed-user-create.ts';
export { default as obsoleteRegistrationSetting } from './obsolete-registration-setting.ts';
export { default as openRegistration } from './open-registration.ts';
export { default as weakAccountToken } from './weak-account-token.ts';
