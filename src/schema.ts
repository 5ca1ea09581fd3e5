import validate, { type SchemaError } from './generated/validate-config.js';
import { meantAmong, nearest } from './model/nearest.ts';
import { joinTexts, say, type Text } from './model/text.ts';

/** What is wrong with a config, in a sentence, with the path of keys and indexes that leads to it. */
export interface SchemaFault {
  readonly path: readonly string[];
  /** The key, if the fault is that it should not be there. */
  readonly key?: string;
  readonly message: Text;
}

/** What is wrong first with a plain value, by schemas/config.schema.json; undefined if nothing is. */
export function configFault(value: unknown): SchemaFault | undefined {
  const error = validate(value) ? undefined : validate.errors?.[0];
  return error && faultOf(error);
}

function faultOf(error: SchemaError): SchemaFault {
  const path = error.instancePath.split('/').slice(1);
  const at = path.length > 0 ? inWords(path) : say`the file`;
  const { params } = error;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params.additionalProperty);
      const meant = nearest(key, Object.keys(error.parentSchema?.properties ?? {}));
      const hint = meant === undefined ? '' : say`; did you mean "${meant}"?`;
      return { path, key, message: say`${at} has no key "${key}"${hint}` };
    }
    case 'required':
      return misspeltAmong(error, path, at) ?? { path, message: say`${at} lacks "${String(params.missingProperty)}"` };
    case 'type':
      return { path, message: say`${at} has to be ${joinTexts([params.type].flat().map(typeOf), ' or ')}` };
    case 'enum': {
      // The schema lists booleans twice: as such, for editors, and as the text that is seen here.
      const allowed = [...new Set([params.allowedValues].flat().map(String))];
      const written = String(error.data);
      const isSwitch = allowed.includes('true');
      const meant = (isSwitch ? asSwitch.get(written.toLowerCase()) : undefined) ?? meantAmong(written, allowed);
      const hint = meant === undefined ? '' : say`; did you mean "${meant}"?`;
      const values = isSwitch ? say`true or false` : say`one of ${allowed.join(', ')}`;
      return { path, message: say`${at} must be ${values}${hint}` };
    }
    case 'pattern':
      return { path, message: say`${at} ${formOf[String(params.pattern)] ?? say`has an invalid value`}` };
    case 'maxItems':
      return { path, message: say`${at} has more than ${Number(params.limit)} entries` };
    default:
      return { path, message: say`${at} has an invalid value` };
  }
}

/** What older versions of YAML took for true and false; to YAML 1.2 they are texts. */
const asSwitch: ReadonlyMap<string, string> = new Map([
  ...['yes', 'y', 'on'].map((word) => [word, 'true'] as const),
  ...['no', 'n', 'off'].map((word) => [word, 'false'] as const),
]);

/** The key that is there in place of one that is missing, if one is spelt like it. */
function misspeltAmong(
  { data, parentSchema, params }: SchemaError,
  path: readonly string[],
  at: Text,
): SchemaFault | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const missing = String(params.missingProperty);
  const known = new Set(Object.keys(parentSchema?.properties ?? {}));
  const key = Object.keys(data).find((each) => !known.has(each) && nearest(each, [missing]) !== undefined);
  return key === undefined
    ? undefined
    : { path, key, message: say`${at} has no key "${key}"; did you mean "${missing}"?` };
}

/** `"rule" of entry 1 of "ignore"`. */
function inWords(path: readonly string[]): Text {
  const parts = path.map((step) => (/^\d+$/.test(step) ? say`entry ${Number(step) + 1}` : say`"${step}"`));
  return joinTexts(parts.reverse(), ' of ');
}

function typeOf(type: unknown): Text {
  if (type === 'array') return say`a list`;
  return type === 'object' ? say`a mapping` : say`a text`;
}

/** What is wrong with a text that is not as a pattern of the schema wants it. */
const formOf: Readonly<Record<string, Text>> = {
  '\\S': say`is empty`,
  '^[\\s\\S]{0,1000}$': say`is longer than 1000 characters`,
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}$': say`is no day, such as 2027-06-30`,
};
