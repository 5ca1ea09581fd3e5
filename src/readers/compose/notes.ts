import type { Problem } from '../../model/report.ts';
import { positionOf, type Source } from '../../model/source.ts';
import { say, type Text, textKey } from '../../model/text.ts';

/** A problem of a compose file at an offset. `incomplete` if Compose refuses the file because of it. */
export function problemAt(source: Source, offset: number, message: Text, incomplete: boolean): Problem {
  return { kind: 'malformed', source: source.name, message, ...positionOf(source, offset), incomplete };
}

/** Says why a file that a key names is unknown, from the problem of its lookup. */
export function missingFile(key: string, path: string, problem: Problem): Text {
  return /^(?:is|are|has|does|lies|cannot|could)\b/.test(textKey(problem.message))
    ? say`${key} "${path}" ${problem.message}`
    : say`${key} "${path}": ${problem.message}`;
}
