import { compare } from '../model/compare.ts';

/** What is kept of a line: nothing but words that are known, and no secret. */
export interface KeptLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** How many lines of a log are asked for. */
export const maxLines = 2000;
/** How many bytes of them are looked at, the last ones. */
const maxBytes = 1024 * 1024;

/**
 * The text of a `docker-log` source. `bytes` are what the engine answered: the output itself where the container has a
 * terminal, else frames of it. Of its newest lines only what `keep` returns is taken, equal ones once.
 */
export function logText(
  container: string,
  bytes: Buffer,
  hasTerminal: boolean,
  keep: (line: string) => KeptLine | undefined,
): string {
  const output = hasTerminal ? bytes : withoutFrames(bytes);
  const newest = output.subarray(Math.max(0, output.length - maxBytes));
  const lines = newest.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  // The first one may be cut in two.
  const looked = lines.slice(newest.length < output.length ? 1 : 0).slice(-maxLines);
  const kept = new Map<string, { message: string; fields: Readonly<Record<string, string>>; count: number }>();
  for (const line of looked) {
    const found = keep(line.replace(/\r$/, ''));
    if (!found) continue;
    const fields = Object.fromEntries(Object.entries(found.fields).sort(([a], [b]) => compare(a, b)));
    const key = JSON.stringify([found.message, fields]);
    const known = kept.get(key);
    if (known) known.count++;
    else kept.set(key, { message: found.message, fields, count: 1 });
  }
  const sorted = [...kept].sort(([a], [b]) => compare(a, b)).map(([, entry]) => entry);
  return `${JSON.stringify({ container, lines: looked.length, kept: sorted }, null, 2)}\n`;
}

/**
 * The output in frames of a kind, three zeros, a length of four bytes and so many bytes (moby/moby
 * pkg/stdcopy/stdcopy.go). What is not in this form is taken as it is.
 */
function withoutFrames(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 8 <= bytes.length && isFrame(bytes, at)) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + 8, end));
    at = end;
  }
  if (at < bytes.length) parts.push(bytes.subarray(at));
  return Buffer.concat(parts);
}

function isFrame(bytes: Buffer, at: number): boolean {
  return (bytes[at] ?? 9) <= 3 && bytes[at + 1] === 0 && bytes[at + 2] === 0 && bytes[at + 3] === 0;
}
