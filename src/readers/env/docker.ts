import { say } from '../../model/text.ts';
import { addEntry, addProblem, byteOrderMark, type Findings, linesOf, pieceOf } from './findings.ts';

/** Go's bufio.Scanner, and therefore docker, gives up at a line of this many bytes. */
const maxLineLength = 64 * 1024;

/** `docker run --env-file` (docker/cli opts/file.go): quotes, trailing blanks and `# comments` are part of the value. */
export function readDockerEnv(found: Findings): void {
  const { text } = found.source;
  for (const line of linesOf(text)) {
    let start = line.start === 0 && text.startsWith(byteOrderMark) ? 1 : line.start;
    while (start < line.end && /\s/.test(text.charAt(start))) start++;
    if (start === line.end || text[start] === '#') continue;
    if (line.end - line.start >= maxLineLength)
      addProblem(found, start, say`line is longer than docker reads (64 KiB)`);
    const equals = line.text.indexOf('=');
    const keyEnd = equals < 0 ? line.end : Math.max(start, line.start + equals);
    const name = pieceOf(text, start, keyEnd);
    if (name.text === '') addProblem(found, start, say`line has no variable name; docker refuses the whole file`);
    else if (/[ \t]/.test(name.text))
      addProblem(found, start, say`variable name contains a blank; docker refuses the whole file`);
    if (name.text === '') continue;
    const cleaned = { ...name, text: name.text.trim().replace(/^export[ \t]+/, '') };
    if (keyEnd === line.end) {
      // A line that is not a name at all may be part of a secret that was broken over lines, so the message does not
      // quote it.
      if (/^[\w.-]+$/.test(cleaned.text)) addEntry(found, cleaned);
    } else addEntry(found, cleaned, pieceOf(text, keyEnd + 1, line.end));
  }
}
