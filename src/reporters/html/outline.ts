/** A line of a file with the lines that belong to it, by how far they are indented. */
export interface Entry {
  /** Index of the line it begins in, and of the line behind its last one. */
  readonly line: number;
  end: number;
  /** Without what stands before it, the dash of a list it is the first key of included. */
  readonly text: string;
  /** By what it is found again: its key, the name or first words of an item, the variable that it sets. */
  key: string;
  /** What stands behind the key; empty where the lines below are its value. */
  readonly value: string;
  readonly indent: number;
  readonly isItem: boolean;
  readonly children: Entry[];
}

/** Further levels are not told apart; no fix has so many. */
const mostLevels = 40;

/**
 * The lines of YAML as a tree, one for each document; of an env file or a unit as a list, below its sections. It is no parser: what it
 * does not understand is found nowhere.
 */
export function outlineOf(lines: readonly string[], isYaml: boolean): readonly Entry[] {
  return isYaml ? yamlOutline(lines) : listOutline(lines);
}

function entryOf(line: number, indent: number, text: string, isYaml: boolean): Entry {
  const isItem = isYaml && /^-(?: |$)/.test(text);
  const [key, value] = isItem || !isYaml ? [wordsOf(isItem ? text.slice(1) : text, !isYaml), ''] : keyAndValue(text);
  return { line, end: line + 1, text, key: isItem ? `- ${key}` : key, value, indent, isItem, children: [] };
}

/** What tells a line of an env file, a unit or a list from others: the variable that it sets, else all of it. */
function wordsOf(written: string, isUnit: boolean): string {
  const text = unquoted(written.trim());
  const directive = isUnit ? /^[A-Z][A-Za-z]*=(?=\S)/.exec(text)?.[0] : undefined;
  const setting = directive === 'Environment=' ? unquoted(text.slice(directive.length)) : text;
  const name = /^[A-Za-z_]\w*=/.exec(setting)?.[0];
  return name === undefined ? text : directive === 'Environment=' ? directive + name : name;
}

function keyAndValue(text: string): readonly [string, string] {
  if (text.startsWith('#')) return [text, ''];
  const plain = text.indexOf(': ');
  const colon = plain < 0 && text.endsWith(':') ? text.length - 1 : plain;
  if (colon < 0) return [text, ''];
  return [`${unquoted(text.slice(0, colon).trim())}:`, withoutComment(text.slice(colon + 1).trim())];
}

function withoutComment(value: string): string {
  if (value.startsWith('#')) return '';
  const comment = value.indexOf(' #');
  return comment < 0 ? value : value.slice(0, comment).trimEnd();
}

/** A text without the quotes around it. */
export function unquoted(text: string): string {
  const [first] = text;
  return (first === '"' || first === "'") && text.length > 1 && text.endsWith(first) ? text.slice(1, -1) : text;
}

function yamlOutline(lines: readonly string[]): readonly Entry[] {
  const documents: Entry[] = [documentAt(0)];
  let open: Entry[] = documents.slice();
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === '') continue;
    if (/^---(?:\s|$)/.test(line)) {
      const next = documentAt(index);
      documents.push(next);
      open = [next];
      continue;
    }
    const entry = entryOf(index, line.length - line.trimStart().length, text, true);
    while (open.length > 1 && !belongsTo(open.at(-1), entry)) open.pop();
    for (const each of open) each.end = index + 1;
    open.at(-1)?.children.push(entry);
    if (open.length > mostLevels || text.startsWith('#')) continue;
    open.push(entry);
    if (!entry.isItem || text === '-') continue;
    const inner = text.slice(1).trimStart();
    const first = entryOf(index, entry.indent + text.length - inner.length, inner, true);
    if (!first.key.endsWith(':')) continue;
    entry.children.push(first);
    open.push(first);
  }
  for (const document of documents) nameItems(document);
  return documents;
}

function documentAt(line: number): Entry {
  return { line, end: line, text: '', key: '', value: '', indent: -1, isItem: false, children: [] };
}

/** A list may stand as far to the left as the key that it belongs to. */
function belongsTo(open: Entry | undefined, { indent, isItem }: Entry): boolean {
  if (!open || indent > open.indent) return true;
  return indent === open.indent && isItem && !open.isItem && open.value === '' && open.key.endsWith(':');
}

/** Of an item that has a name, that is what it is found by. */
function nameItems({ children }: Entry): void {
  for (const child of children) {
    const name = child.isItem ? child.children.find(({ key }) => key === 'name:')?.value : undefined;
    if (name !== undefined) child.key = `- name: ${unquoted(name)}`;
    nameItems(child);
  }
}

function listOutline(lines: readonly string[]): readonly Entry[] {
  const file = documentAt(0);
  let section = file;
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (text === '') continue;
    const entry = entryOf(index, 0, text, false);
    if (text.startsWith('[')) file.children.push(entry);
    else section.children.push(entry);
    if (text.startsWith('[')) section = entry;
    section.end = file.end = index + 1;
  }
  return [file];
}
