/** The first sentence of a text. A full stop ends it if a capital or a quotation follows. */
export function firstSentence(text: string): string {
  const joined = text.replace(/\s+/g, ' ').trim();
  const end = /[.!?](?= [A-Z`"])/.exec(joined);
  return end ? joined.slice(0, end.index + 1) : joined;
}

/** The simple Markdown of rules without the marks that a terminal does not show; code keeps its backticks. */
export function unmarked(markdown: string): string {
  return markdown.replace(/\[([^\]\n]*)\]\(([^)\s]*)\)/g, '$1 ($2)').replace(/\*\*([^*\n]+)\*\*/g, '$1');
}

/** `4 files`, `1 file`, `2 entries`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${amount === 1 ? noun : `${noun.replace(/([^aeiou])y$/, '$1ie')}s`}`;
}

/** `one, two and three`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
