import { visible } from './visible.ts';

/** Where a command begins that runners of Azure and GitHub (`##vso[`, `##[`) and TeamCity take from anywhere in a line. */
export const hashCommand = /#(?=#(?:vso|teamcity)?\[)/g;

/**
 * Lines of a text in which no runner finds a command to itself: `::` where one begins, `##[`, `##vso[` and `##teamcity[`
 * anywhere (actions/runner src/Runner.Common/ActionCommand.cs). `colon` and `hash` stand for the first sign of one.
 */
export function withoutCommand(text: string, colon: string, hash: string): string {
  const shown = text.includes('##') ? text.replace(hashCommand, hash) : text;
  if (!shown.includes('::')) return shown;
  const lines = shown.split('\n').map((line) => {
    const start = line.length - line.trimStart().length;
    return line.startsWith('::', start) ? line.slice(0, start) + colon + line.slice(start + 1) : line;
  });
  return lines.join('\n');
}

/** A text on one line that acts on nothing which shows it, a terminal or the log of a build. */
export function oneLine(text: string): string {
  return withoutCommand(visible(text), '\\u{3A}', '\\u{23}');
}
