import type { Pipeline, Script, ScriptText } from '../../model/pipeline.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Located, Location, Source } from '../../model/source.ts';
import { ownWords, say } from '../../model/text.ts';
import { credentialEnding } from '../../secrets/names.ts';
import { emptyStream } from '../pipeline/empty-stream.ts';
import { secretPlaces } from '../pipeline/secret-places.ts';
import { type Choices, decisionsOf } from './choices.ts';
import { jsonnetChoices } from './jsonnet.ts';
import { starlarkChoices } from './starlark.ts';
import { type Language, type Token, tokensOf } from './tokens.ts';

/**
 * Reads a `.drone.star` or `.drone.jsonnet`: a program, which is never run. Its own text is judged; the pipelines that
 * it writes can be audited if they are given as files.
 */
export function readScript(source: Source): Reading {
  const language = source.form === 'jsonnet' ? 'jsonnet' : 'starlark';
  const tokens = tokensOf(source.text, language);
  const pipeline = unknownPipeline(source, scriptOf(source, language, tokens));
  const at = { source, path: '', span: { start: 0, end: 0 } };
  return {
    ...emptyReading,
    pipelines: [pipeline],
    secrets: [...secretPlaces(pipeline), ...secretOperands(source, tokens)],
    unknown: [
      {
        at,
        message: say`${ownWords(language)} is not evaluated; audit what "drone ${ownWords(language)} --stdout" prints`,
      },
    ],
  };
}

function scriptOf(source: Source, language: Language, tokens: readonly Token[]): Script {
  const code = tokens.filter(({ kind }) => kind !== 'comment');
  const keys = keysOf(code, language);
  const place = (path: string, start: number, end: number): Location => ({ source, path, span: { start, end } });
  const choices: Choices = language === 'starlark' ? starlarkChoices(source.text, code) : jsonnetChoices(code);
  return {
    language,
    texts: tokens.flatMap((token): readonly ScriptText[] => {
      const { kind, value, innerStart, innerEnd } = token;
      if ((kind !== 'string' && kind !== 'comment') || value === '') return [];
      const key = keys.get(token);
      const at = place(key ?? kind, innerStart, innerEnd);
      return [{ kind, value, at, key }];
    }),
    decisions: decisionsOf(code, choices).map(({ name, start, end, withSecrets }) => ({
      name,
      withSecrets,
      at: place(name, start, end),
    })),
  };
}

/** The key of each string that is the entire value of a map entry: `"key": "value"`, in Jsonnet also `key: 'value'`. */
function keysOf(code: readonly Token[], language: Language): ReadonlyMap<Token, string> {
  const keys = new Map<Token, string>();
  for (const [index, token] of code.entries()) {
    if (token.kind !== 'string' || !isSign(code[index - 1], ':') || !isSign(code[index + 1], ',', '}')) continue;
    const keyIndex = beforeColons(code, index - 1, language);
    const key = code[keyIndex];
    if (!isSign(code[keyIndex - 1], ',', '{')) continue;
    const isKey = key?.kind === 'string' || (language === 'jsonnet' && key?.kind === 'name');
    if (key && isKey && keyForm.test(key.value)) keys.set(token, key.value);
  }
  return keys;
}

/**
 * Strings anywhere in the value of something with a secret name: `"token": "a" + "b"`, `PASSWORD = "a"`,
 * `password=("%s" % "a")`. They are only ever masked, so rather too many than too few are found; names of secrets are
 * left out.
 */
function secretOperands(source: Source, tokens: readonly Token[]): readonly Location[] {
  const code = tokens.filter(({ kind }) => kind !== 'comment');
  // A variable that is used for a secret is one: `X = "a"`, `"password": X`.
  let variables: ReadonlySet<string> = new Set();
  let found = operandsOf(source, code, variables);
  for (let round = 0; round < maxRounds && found.variables.size > variables.size; round++) {
    variables = found.variables;
    found = operandsOf(source, code, variables);
  }
  return found.places;
}

/** How many variables may stand between a secret and its use. */
const maxRounds = 5;

/** The strings in values with a secret name, or of the variables given, and the variables that such values use. */
function operandsOf(
  source: Source,
  code: readonly Token[],
  variables: ReadonlySet<string>,
): { readonly places: readonly Location[]; readonly variables: ReadonlySet<string> } {
  const places: Location[] = [];
  const used = new Set(variables);
  /** How deep in brackets the current value is; -1 if there is none. */
  let valueDepth = -1;
  let depth = 0;
  for (const [index, { kind, value, innerStart, innerEnd }] of code.entries()) {
    if (kind === 'sign') {
      if (/^[([{]$/.test(value)) depth += 1;
      else if (/^[)\]}]$/.test(value)) depth -= 1;
      if (depth < valueDepth || (depth === valueDepth && /^[,;]$/.test(value))) valueDepth = -1;
    } else if (kind === 'line end') {
      valueDepth = -1;
      depth = 0;
    } else if (valueDepth >= 0) {
      if (namesSecret(code, index)) continue;
      if (kind === 'string' && innerEnd > innerStart)
        places.push({ source, path: kind, span: { start: innerStart, end: innerEnd } });
      else if (kind === 'name' && !isSign(code[index - 1], '.') && !isSign(code[index + 1], '.', '(', '='))
        used.add(value);
    } else if (givesValue(code, index)) {
      const isSecret = value.length <= maxKeyLength && credentialEnding.test(value);
      const isVariable = kind === 'name' && variables.has(value) && !isSign(code[index - 1], '.');
      if (isSecret || isVariable) valueDepth = isSign(code[index + 1], ']') ? depth - 1 : depth;
    }
  }
  return { places, variables: used };
}

const maxKeyLength = 100;

/** Whether `:`, `=` or Jsonnet's equivalents follow a key or name, including one in brackets: `["key"]:`. */
function givesValue(code: readonly Token[], index: number): boolean {
  let next = index + 1;
  if (isSign(code[next], ']')) next += 1;
  return isSign(code[next], ':', '=', '+=') || (isSign(code[next], '+') && isSign(code[next + 1], ':'));
}

/** `"from_secret": "name"`, `from_secret("name")`, and keys: `"name":`. */
function namesSecret(code: readonly Token[], index: number): boolean {
  if (isSign(code[index + 1], ':')) return true;
  const name = code[index - 2]?.value ?? '';
  if (isSign(code[index - 1], '(')) return name.includes('secret');
  return isSign(code[index - 1], ':', '=') && name.includes('from_secret');
}

/** Keys that fit on a line; others are not used as names. */
const keyForm = /^[\w .:/@+-]{1,100}$/;

/** How many signs may separate a key from its value: `+:::`. */
const maxColonsLength = 4;

function beforeColons(code: readonly Token[], colon: number, language: Language): number {
  let index = colon - 1;
  if (language === 'starlark') return index;
  while (index > colon - maxColonsLength && isSign(code[index], ':', '+')) index -= 1;
  return index;
}

function isSign(token: Token | undefined, ...signs: readonly string[]): boolean {
  return token?.kind === 'sign' && signs.includes(token.value);
}

/** The pipelines that a program writes, of which nothing is known, not even how many they are. */
function unknownPipeline(source: Source, script: Script): Pipeline {
  const at: Location = { source, path: '', span: { start: 0, end: 0 } };
  const located = (value: string): Located<string> => ({ value, at });
  const stream = { ...emptyStream(source), at };
  return {
    kind: 'pipeline',
    owner: source.name,
    label: say`${ownWords(script.language)} program`,
    source,
    index: 0,
    name: 'default',
    nameAt: at,
    at,
    type: 'docker',
    // As with a template, the server replaces the file before it looks for pipelines.
    documentKind: located('template'),
    os: located('linux'),
    arch: located('amd64'),
    steps: [],
    services: [],
    volumes: [],
    reach: { events: new Set(), pullRequest: false, reason: say`${ownWords(script.language)} is not evaluated` },
    dependsOn: [],
    node: new Map(),
    clone: {},
    imagePullSecrets: [],
    environment: [],
    server: [],
    legacy: false,
    script,
    stream,
  };
}
