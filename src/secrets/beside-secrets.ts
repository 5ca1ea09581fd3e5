import type { Span } from '../model/source.ts';

/**
 * What ends an address before its path: the host is what stands before it, however it is written, and not what a longer password
 * would end with (RFC 3986, 3.2); the same of the connection strings of databases.
 */
const hosts =
  /@[^\s/?#\\]{0,300}(?=[/?#\\])|^(?=[^/?#\\]{0,300}[.:[%$\u0080-\uffff])[^\s/?#\\@]{1,300}(?=[/?#\\])|@[a-z]{1,10}\([^)\s]{1,300}\)|\b(?:host|hostaddr|server|data source)=[^\s;&'"]{1,300}/gi;
/** What a shell runs or puts in, also within double quotes, and what begins another command (POSIX, 2.2.3 and 2.9). */
const commands = /`[^`]{0,300}`|\$[({][^)}]{0,300}|\$IFS|\s[;|&<>]|[;|&<>]\s[^\n]{0,300}/g;
/** Whose webhook an address is: workspace and app of Slack, the numbers of Discord. They are no secrets. */
const owners = /(?<![A-Z0-9])[TB][A-Z0-9]{8,12}(?=\/)|(?<!\d)\d{17,20}(?=\/)/g;

/**
 * What stands in the parts of a text that are hidden as secret, and is none: the host that a longer password would hide, commands,
 * whose webhook it is. Empty for secrets as people have them, so that a new one in the same place comes to the same.
 */
export function besideSecrets(text: string, spans: readonly Span[]): string {
  return spans
    .flatMap(({ start, end }) => {
      const hidden = text.slice(start, end);
      return [hosts, commands, owners].flatMap((pattern) => hidden.match(pattern) ?? []);
    })
    .join('\n');
}
