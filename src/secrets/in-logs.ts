import { isSample } from './placeholders.ts';
import { judgedForms } from './spans.ts';

/** Forms that logs print without harm, or that are no token of a vendor. */
const harmless: ReadonlySet<string> = new Set([
  'a signed token',
  'a signed address',
  'a password hash',
  'an address of a notification service',
]);

/** Colours of a terminal, and the line breaks of a text within another: both end in what looks like a part of a word. */
const noWords = /\u001b\[[0-9;?]{0,20}[A-Za-z]|\\[nrt]/g;

/** What credentials a log holds, by their forms alone (`a token of GitHub`), each once and sorted; samples are none. */
export function formsInLog(text: string): readonly string[] {
  const plain = text.replace(noWords, '\n');
  const found = judgedForms(plain).filter(({ start, end }) => !isSample(plain.slice(start, end)));
  return [...new Set(found.map(({ form }) => form.as))].filter((form) => !harmless.has(form)).sort();
}
