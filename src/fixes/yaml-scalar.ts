/** What YAML reads as this very text without quotes: words, and what Compose fills in. */
const unquoted = /^(?:[A-Za-z./][\w./@=,+*-]*(?::[\w./@=,+*-]+)*|(?:\w+=)?\$\{\w+:\?[\w .]+\})$/;

/** A text as YAML holds it on one line. */
export function yamlScalar(text: string): string {
  const isOther = /^(?:true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return unquoted.test(text) && !isOther ? text : JSON.stringify(text);
}
