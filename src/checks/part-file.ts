import { closeSync, openSync, readSync } from 'node:fs';

/** How much of a file is read at once (bytes). */
const chunk = 1024 * 1024;

/** No line of a report is as long (UTF-16 units); a device may have one without an end. */
const longestLine = 400_000_000;

/** The lines of a file without their ends, none of them kept. Throws what reading throws, and RangeError for what has no lines. */
export function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new TextDecoder();
    const bytes = Buffer.allocUnsafe(chunk);
    let rest: string[] = [];
    let length = 0;
    for (let read = readSync(file, bytes); read > 0; read = readSync(file, bytes)) {
      const lines = decoder.decode(bytes.subarray(0, read), { stream: true }).split('\n');
      const last = lines.pop() ?? '';
      for (const line of lines) {
        rest.push(line);
        yield rest.join('');
        rest = [];
        length = 0;
      }
      rest.push(last);
      length += last.length;
      if (length > longestLine) throw new RangeError('a line without an end');
    }
    const end = rest.join('') + decoder.decode();
    if (end !== '') yield end;
  } finally {
    closeSync(file);
  }
}
