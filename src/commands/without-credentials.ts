import { maskFor } from '../secrets/mask.ts';

/** What an error quotes of the command line: a path, an option with its value. */
const quoted = /"([^"]{1,2000})"|'([^']{1,2000})'/g;

/** A message on standard error with the credentials masked that it quotes: an address with a password, `--token=text`. */
export function withoutCredentials(message: string): string {
  const mask = maskFor([]);
  return message.replace(quoted, (whole: string, double?: string, single?: string) => {
    const text = double ?? single ?? '';
    const shown = mask.evidence(text);
    return shown.includes('•') ? whole.replace(text, () => shown) : whole;
  });
}
