import type { AnyRule } from '../../model/rule.ts';
import ignoredSecretFile from './ignored-secret-file.ts';
import invalidSettingValue from './invalid-setting-value.ts';
import obsoleteSetting from './obsolete-setting.ts';
import secretFallback from './secret-fallback.ts';
import settingWithoutEffect from './setting-without-effect.ts';
import sharedEnvFile from './shared-env-file.ts';
import spacedListItem from './spaced-list-item.ts';
import unknownSetting from './unknown-setting.ts';

export default [
  ignoredSecretFile,
  invalidSettingValue,
  obsoleteSetting,
  secretFallback,
  settingWithoutEffect,
  sharedEnvFile,
  spacedListItem,
  unknownSetting,
] satisfies readonly AnyRule[];
