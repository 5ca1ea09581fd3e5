import { closeSync, openSync, readSync } from 'node:fs';

/** How much of a file is read at once (bytes). */
const chunk = 1024 * 1024;

/** The lines of a file without their ends, none of them kept. Throws what reading throws. */
export function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const decoder = new TextDecoder();
    const bytes = Buffer.allocUnsafe(chunk);
    let rest: string[] = [];
    for (let read = readSync(file, bytes); read > 0; read = readSync(file, bytes)) {
      const lines = decoder.decode(bytes.subarray(0, read), { stream: true }).split('\n');
      const last = lines.pop() ?? '';
      for (const line of lines) {
        rest.push(line);
        yield rest.join('');
        rest = [];
      }
      rest.push(last);
    }
    const end = rest.join('') + decoder.decode();
    if (end !== '') yield end;
  } finally {
    closeSync(file);
  }
}
