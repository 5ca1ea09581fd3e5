import type { Container } from '../model/container.ts';
import type { LogLine } from '../model/engine.ts';
import { say, type Text } from '../model/text.ts';

/** The lines of a container's log that say one of some messages; none where the log was not read. */
export function linesSaying({ log }: Container, messages: ReadonlySet<string>): readonly LogLine[] {
  return log?.lines.filter(({ message }) => messages.has(message.value)) ?? [];
}

/** With which a runner says that its server does not take it (facts/log-lines.ts). */
export const refusedByServer: ReadonlySet<string> = new Set([
  'cannot ping the remote server',
  'poller: cannot request stage',
]);

/** With which a runner says that its server takes it (facts/log-lines.ts). */
const takenByServer: ReadonlySet<string> = new Set([
  'successfully pinged the remote server',
  'polling the remote server',
]);

/** What a runner says of being refused since it got through for the last time. */
export function refusalsOf({ log }: Container): readonly LogLine[] {
  const lines = log?.lines ?? [];
  const since = lines.findLastIndex(({ message }) => takenByServer.has(message.value)) + 1;
  return lines.slice(since).filter(({ message }) => refusedByServer.has(message.value));
}

/** How often lines stand in a log, for messages: `once`, `twice`, `12 times`. */
export function timesOf(lines: readonly LogLine[]): Text {
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  return count === 1 ? say`once` : count === 2 ? say`twice` : say`${count} times`;
}
