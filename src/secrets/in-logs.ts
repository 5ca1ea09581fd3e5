import { judgedForms } from './spans.ts';

/** Forms that logs print without harm, or that are no token of a vendor. */
const harmless: ReadonlySet<string> = new Set([
  'a signed token',
  'a signed address',
  'a password hash',
  'an address of a notification service',
]);

/** What credentials a log holds, by their forms alone (`a token of GitHub`), each once and sorted. */
export function formsInLog(text: string): readonly string[] {
  return [...new Set(judgedForms(text).map(({ form }) => form.as))].filter((form) => !harmless.has(form)).sort();
}
