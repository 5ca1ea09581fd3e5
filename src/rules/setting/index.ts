export { default as ignoredSecretFile } from './ignored-secret-file.ts';
export { default as invalidSettingValue } from './invalid-setting-value.ts';
export { default as obsoleteSetting } from './obsolete-setting.ts';
export { default as secretFallback } from './secret-fallback.ts';
export { default as settingWithoutEffect } from './setting-without-effect.ts';
export { default as sharedEnvFile } from './shared-env-file.ts';
export { default as spacedListItem } from './spaced-list-item.ts';
export { default as unknownSetting } from './unknown-setting.ts';
