// Values as YAML, in the ways in which people write it. Not the yaml package: it is what the audit is measured against, and
// writes everything in one way.

/** How one author writes. */
export function styleOf(choose) {
  return {
    /** Whether items of a list stand below their key, or further in. */
    isIndented: choose.chance(0.4),
    /** Whether short lists stand on one line. */
    hasFlow: choose.chance(0.35),
    quote: choose.chance(0.5) ? '"' : "'",
    /** Whether blank lines stand between steps. */
    hasBlankLines: choose.chance(0.6),
  };
}

/** A document, which ends with a line feed. */
export function yamlOf(value, style) {
  return `${linesOf(value, style, 0).join('\n')}\n`;
}

function linesOf(value, style, depth) {
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .flatMap(([key, each], index) => {
      const blank = style.hasBlankLines && depth === 0 && index > 2 && typeof each === 'object' ? [''] : [];
      return [...blank, ...entryOf(scalar(key, style), each, style, depth)];
    });
}

function entryOf(key, value, style, depth) {
  if (Array.isArray(value)) {
    if (value.every(isScalar) && (value.length === 0 || (style.hasFlow && isShort(value))))
      return [`${key}: [${value.map((each) => flowScalar(each, style)).join(', ')}]`];
    const indent = style.isIndented ? '  ' : '';
    return [
      `${key}:`,
      ...value.flatMap((each, index) => {
        const blank = style.hasBlankLines && depth === 0 && index > 0 && !isScalar(each) ? [''] : [];
        return [...blank, ...itemOf(each, style, depth).map((line) => (line === '' ? '' : `${indent}${line}`))];
      }),
    ];
  }
  if (typeof value === 'object') {
    if (Object.keys(value).length === 0) return [`${key}: {}`];
    return [`${key}:`, ...linesOf(value, style, depth + 1).map(indented)];
  }
  if (isBlock(value)) return [`${key}: |`, ...blockOf(value)];
  return [`${key}: ${scalar(value, style)}`];
}

function itemOf(value, style, depth) {
  if (isBlock(value)) return ['- |', ...blockOf(value)];
  if (isScalar(value)) return [`- ${scalar(value, style)}`];
  return linesOf(value, style, depth + 1).map((line, index) => (index === 0 ? `- ${line}` : indented(line)));
}

const isScalar = (value) => typeof value !== 'object';
const isBlock = (value) => typeof value === 'string' && value.includes('\n');
const isShort = (list) => list.every((each) => !isBlock(each)) && list.join(', ').length < 60;
const indented = (line) => (line === '' ? '' : `  ${line}`);
const blockOf = (text) => text.trimEnd().split('\n').map(indented);

function scalar(value, style) {
  if (typeof value !== 'string') return `${value}`;
  return /^[A-Za-z_./][^#\n]*$/.test(value) && !/: |:$|^\W+$|\s$/.test(value) && !isWord(value)
    ? value
    : quoted(value, style);
}

function flowScalar(value, style) {
  return typeof value === 'string' && /[[\]{},"'&*]/.test(value) ? quoted(value, style) : scalar(value, style);
}

const isWord = (value) => /^(?:y|n|yes|no|on|off|true|false|null|~)$/i.test(value);

function quoted(value, { quote }) {
  return quote === '"' || /[\t]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}
