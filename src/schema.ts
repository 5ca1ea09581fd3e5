import validate from './generated/validate-config.js';
import { nearest } from './model/nearest.ts';
import { say, type Text } from './model/text.ts';

/** What is wrong with a config, one sentence per fault, with the path of keys and indexes that leads to it. */
export interface SchemaFault {
  readonly path: readonly string[];
  /** The key, if the fault is that it should not be there. */
  readonly key?: string;
  readonly message: Text;
}

/** Checks a plain value against schemas/config.schema.json. */
export function configFaults(value: unknown): readonly SchemaFault[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => {
    const path = error.instancePath.split('/').slice(1);
    const at = path.length > 0 ? `"${path.join('.')}"` : 'the file';
    const { params } = error;
    switch (error.keyword) {
      case 'additionalProperties': {
        const key = String(params.additionalProperty);
        const meant = nearest(key, Object.keys(error.parentSchema?.properties ?? {}));
        const hint = meant === undefined ? '' : say`; did you mean "${meant}"?`;
        return { path, key, message: say`${at} has no key "${key}"${hint}` };
      }
      case 'required':
        return { path, message: say`${at} lacks "${String(params.missingProperty)}"` };
      case 'type':
        return { path, message: say`${at} must be of type ${String(params.type)}` };
      case 'enum':
        // The schema lists booleans twice: as such, for editors, and as the text that is seen here.
        return {
          path,
          message: say`${at} must be one of ${[...new Set([params.allowedValues].flat().map(String))].join(', ')}`,
        };
      default:
        return { path, message: say`${at} has an invalid value` };
    }
  });
}
