import validate from './generated/validate-config.js';
import { say, type Text } from './model/text.ts';

/** What a config has wrong, one sentence each, with the path of keys and indexes to it. */
export interface SchemaFault {
  readonly path: readonly string[];
  /** A key that should not be there, when that is the fault. */
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
        return { path, key, message: say`${at} has no key "${key}"` };
      }
      case 'required':
        return { path, message: say`${at} lacks "${String(params.missingProperty)}"` };
      case 'type':
        return { path, message: say`${at} must be of type ${String(params.type)}` };
      case 'enum':
        // A boolean is allowed as such, for editors, and as the text that is seen here.
        return {
          path,
          message: say`${at} must be one of ${[...new Set([params.allowedValues].flat().map(String))].join(', ')}`,
        };
      default:
        return { path, message: say`${at} has an invalid value` };
    }
  });
}
