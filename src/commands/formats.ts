/** What a report can be written as. */
export const formats = [
  'text',
  'json',
  'jsonl',
  'sarif',
  'junit',
  'gitlab',
  'github',
  'markdown',
  'html',
  'csv',
  'controls-csv',
  'unix',
  'card',
] as const;

export type Format = (typeof formats)[number];

/** Formats of which nothing at all is a report, too: --quiet leaves the others as they are, because programs read them. */
export const lineFormats: ReadonlySet<Format> = new Set(['text', 'unix', 'github', 'markdown']);
