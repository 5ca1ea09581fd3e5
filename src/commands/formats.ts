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
