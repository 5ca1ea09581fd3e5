import type { SecretTraits } from '../model/environment.ts';
import type { Location } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';

/** Whether a secret is guessable: shorter than `least` characters, known, or without variety (rule catalogue: weak(n)). */
export function isWeak(secret: SecretTraits, least: number): boolean {
  return secret.length < least || secret.kind !== 'none' || secret.distinct < 8 || secret.bits < 3;
}

/** Whether a weak secret of 32 wanted characters is merely short: 16 to 31 of them, varied and not known. */
export function isMerelyShort({ length, kind, distinct }: SecretTraits): boolean {
  return kind === 'none' && length >= 16 && length < 32 && distinct >= 8;
}

/**
 * Whether a secret can be found: known by its kind, or guessed by trying: fewer than 24 bits are tried in hours, where nothing
 * limits it. A short one of random characters is neither: ten hexadecimal digits take years.
 */
export function foundBy({ kind, distinct, length, bits }: SecretTraits): 'known' | 'guessed' | undefined {
  if (kind !== 'none') return 'known';
  return distinct < 4 || length * bits < 24 ? 'guessed' : undefined;
}

/** What is wrong with a weak secret, without showing it: `is a placeholder (25 characters)`. */
export function weaknessOf(secret: SecretTraits, least: number): Text {
  const size = `${secret.length} character${secret.length === 1 ? '' : 's'}`;
  switch (secret.kind) {
    case 'sample':
      return say`is a documented sample value (${secret.where ?? size})`;
    case 'word':
      return say`is a common word that is guessed first`;
    case 'placeholder':
      return say`is a placeholder that was never filled in (${size})`;
    case 'none':
      if (secret.length < least) return say`has only ${size}`;
      if (secret.distinct < 8) return say`has only ${secret.distinct} different characters`;
      return say`repeats itself (${secret.bits.toFixed(1)} bits a character)`;
  }
}

/** A file that is copied and filled in by others: what is missing in it is meant to be. */
export function isTemplateFile(name: string): boolean {
  return /\.(?:example|sample|template|tmpl|tpl|dist)(?:[-.@~][^/]*)?$/i.test(name);
}

/** Whether a secret only stands for another where that is meant: a placeholder, or a word such as `changeme`. */
export function isExpectedPlaceholder({
  secret,
  at,
}: {
  readonly secret?: SecretTraits;
  readonly at: Location;
}): boolean {
  return (secret?.kind === 'placeholder' || secret?.kind === 'word') && isTemplateFile(at.source.name);
}
