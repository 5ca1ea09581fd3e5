import type { Span } from '../model/source.ts';

/** What a host is written as, at the start of an address or behind its credentials, up to what ends it (RFC 3986, 3.2). */
const hosts = /(?:^|@)(?:[\w-]+\.)+[\w-]+(?=[:/?#\\]|$)|@[\w-]+(?=[:/?#\\])/g;
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
