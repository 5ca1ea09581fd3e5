import { allSteps, type Pipeline, type SecretDocument, type StepValue } from '../../model/pipeline.ts';
import type { Located, Location } from '../../model/source.ts';
import { innerName, literalSecrets } from '../../secrets/in-pipelines.ts';
import { holdsSecret } from '../../secrets/names.ts';
import { isNothingToMask } from '../../secrets/placeholders.ts';
import { secretsInScript, secretsInWords } from '../secret-words.ts';

/** Paths and blank texts are not secrets, whatever their name. */
function isPath(value: string): boolean {
  return /^(?:\s*|\.{0,2}\/.*)$/s.test(value);
}

/** Whether the value of a variable or setting of this name is a secret written out. */
function isSecret(name: string, value: string): boolean {
  return (holdsSecret(name, value) || holdsKey(name, value)) && !isNothingToMask(value) && !isPath(value);
}

/** `key` is that of a cache, or a private key: `settings: {key: …}` of plugins for SSH. */
function holdsKey(name: string, value: string): boolean {
  return name === 'key' && /^(?:-----BEGIN|[A-Za-z0-9+/=_-]{20,}$)/.test(value.trim());
}

/** The places in a pipeline that hold secret text. */
export function secretPlaces(pipeline: Pipeline): Location[] {
  const found: Location[] = [];
  const inspect = (values: readonly StepValue[]): void => {
    for (const value of values)
      for (const scalar of value.scalars)
        if (isSecret(innerName(value, scalar), scalar.value) || isSecret(value.name.value, scalar.value))
          found.push(scalar.at);
  };
  for (const step of allSteps(pipeline)) {
    inspect(step.environment);
    inspect(step.settings);
    for (const words of [step.command, step.entrypoint]) for (const at of secretsInWords(words)) found.push(at);
    for (const at of secretsInScript(step.commands)) found.push(at);
  }
  inspect(pipeline.environment);
  inspect(pipeline.server);
  if (pipeline.token?.text && !isNothingToMask(pipeline.token.text.value)) found.push(pipeline.token.text.at);
  const known = new Set(found.map(({ span }) => `${span.start}-${span.end}`));
  for (const { at } of literalSecrets(pipeline)) if (!known.has(`${at.span.start}-${at.span.end}`)) found.push(at);
  return found;
}

/** The value of a `kind: secret` document, which should be encrypted but is not always. */
export function secretOfDocument(document: SecretDocument): Location[] {
  return places([document.data]);
}

export function secretsOfRegistry(values: readonly StepValue[]): Location[] {
  return places(values.flatMap((value) => [...value.scalars]));
}

function places(texts: readonly (Located<string> | undefined)[]): Location[] {
  return texts.flatMap((text) => (text && text.value !== '' ? [text.at] : []));
}
