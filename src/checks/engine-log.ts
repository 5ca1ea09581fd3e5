import { compare } from '../model/compare.ts';

/** What is kept of a line: nothing but words that are known, and no secret. */
export interface KeptLine {
  readonly message: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether it is a further line of what one of the lines before it began, and counts only without that. */
  readonly follows?: true;
}

/** What is this far behind a line no longer follows it. */
const maxBehind = 20;

/** How many lines of a log are looked at. */
export const maxLines = 2000;
/** How many bytes of them are looked at, the last ones. */
const maxBytes = 1024 * 1024;

/** What is kept of a log. */
export interface KeptLog {
  /** The text of a `docker-log` source. */
  readonly text: string;
  /** Whether older lines were left out. */
  readonly isLonger: boolean;
}

/**
 * What is kept of the log of a container. `bytes` are what the engine answered: the output itself where the container has
 * a terminal, else frames of it. Of its newest lines only what `keep` returns is taken, equal ones once, in the order in
 * which they were last said.
 */
export function keptLog(
  container: string,
  bytes: Buffer,
  hasTerminal: boolean,
  keep: (line: string) => KeptLine | undefined,
): KeptLog {
  const output = hasTerminal ? bytes : withoutFrames(bytes);
  const newest = output.subarray(Math.max(0, output.length - maxBytes));
  const lines = newest.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  // The first one may be cut in two.
  const whole = lines.slice(newest.length < output.length ? 1 : 0);
  const looked = whole.slice(-maxLines);
  const kept = new Map<string, { message: string; fields: Readonly<Record<string, string>>; count: number }>();
  const begun = new Map<string, number>();
  let number = 0;
  for (const line of recordsOf(looked)) {
    number++;
    const found = keep(line);
    if (!found) continue;
    const isBegun = number - (begun.get(found.message) ?? Number.NEGATIVE_INFINITY) <= maxBehind;
    begun.set(found.message, number);
    if (found.follows && isBegun) continue;
    const fields = Object.fromEntries(Object.entries(found.fields).sort(([a], [b]) => compare(a, b)));
    const key = JSON.stringify([found.message, fields]);
    const count = (kept.get(key)?.count ?? 0) + 1;
    kept.delete(key);
    kept.set(key, { message: found.message, fields, count });
  }
  const text = `${JSON.stringify({ container, lines: looked.length, kept: [...kept.values()] }, null, 2)}\n`;
  return { text, isLonger: newest.length < output.length || whole.length > maxLines };
}

/** More lines than this are not one record of a program that writes it over several. */
const maxRecordLines = 200;

/**
 * The lines, with those that are one JSON value as one: with DRONE_LOGS_PRETTY the server writes `{`, a field indented by
 * two on each line, and `}` (harness/drone 3e7ecf161 cmd/drone-server/main.go:159-163; sirupsen/logrus json_formatter.go).
 */
function* recordsOf(lines: readonly string[]): Iterable<string> {
  let begun: string[] = [];
  for (const written of lines) {
    const line = written.replace(/\r$/, '');
    if (begun.length > 0 && begun.length < maxRecordLines && (line === '}' || line.startsWith('  '))) {
      begun.push(line);
      if (line !== '}') continue;
      yield begun.join('');
      begun = [];
      continue;
    }
    // What was begun was no record.
    yield* begun;
    begun = [];
    if (line === '{') begun.push(line);
    else yield line;
  }
  yield* begun;
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
