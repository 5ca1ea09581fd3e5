import { indented } from '../model/fix-markdown.ts';

/*
 * Blocks of fixes are written in the current format. What says the same before 1.0 (drone/drone-yaml
 * yaml/converter/legacy/internal/config.go toContainer, toEnvironment, toConditions): steps stand below their names,
 * settings of a plugin directly below the step, and secrets in a list of the variables that hold them.
 */

/** A key at the left margin, and the lines below it without their indent; a comment is an entry of its own. */
interface Entry {
  readonly head: string;
  readonly content: string;
}

function entriesOf(text: string): readonly Entry[] {
  return text.split(/\n(?=\S)/).map((entry) => {
    const [head = '', ...lines] = entry.split('\n');
    return { head, content: lines.map((line) => line.replace(/^ {2}/, '')).join('\n') };
  });
}

function textOf({ head, content }: Entry): string {
  return content === '' ? head : `${head}\n${indented(content, 2)}`;
}

/**
 * A block of YAML in the form of the formats before 1.0; what is no part of a pipeline stays as it is. `own`: the secrets that
 * its step lists already.
 */
export function legacyForm(text: string, own: readonly ListedSecret[] = []): string {
  const entries = entriesOf(text);
  const isWhole = entries.some(({ head }) => sections.has(head));
  if (!isWhole) return stepText(text, own);
  return entries
    .map((entry) => {
      const section = sections.get(entry.head);
      return section === undefined ? textOf(entry) : textOf({ head: section, content: stepsText(entry.content, own) });
    })
    .join('\n');
}

const sections: ReadonlyMap<string, string> = new Map([
  ['steps:', 'pipeline:'],
  ['pipeline:', 'pipeline:'],
  ['services:', 'services:'],
]);

/** Steps below their names, whether they were a list or not. */
function stepsText(text: string, own: readonly ListedSecret[]): string {
  if (!text.startsWith('- '))
    return entriesOf(text)
      .map(({ head, content }) => textOf({ head, content: stepText(content, own) }))
      .join('\n');
  const items = text.split(/\n(?=- )/).map((item) => {
    const keys = entriesOf(item.replace(/^(?:- | {2})/gm, ''));
    const name = keys.find(({ head }) => head.startsWith('name: '))?.head.slice('name: '.length);
    const others = keys.filter(({ head }) => !head.startsWith('name: '));
    return textOf({ head: `${name ?? 'step'}:`, content: stepText(others.map(textOf).join('\n'), own) });
  });
  return items.join('\n');
}

/** A secret that a step lists. */
export interface ListedSecret {
  readonly source: string;
  /** The variable that holds it. */
  readonly target: string;
}

/** The keys of a step. */
function stepText(text: string, own: readonly ListedSecret[]): string {
  const secrets: ListedSecret[] = [];
  const keys = entriesOf(text).flatMap(({ head, content }): readonly string[] => {
    switch (head) {
      case 'settings:':
      case 'environment:': {
        const values = entriesOf(content).map(textOf);
        const isSetting = head === 'settings:';
        for (const value of values) secrets.push(...secretIn(value, isSetting));
        const others = values.filter((value) => secretIn(value, isSetting).length === 0);
        if (others.length === 0) return [];
        return isSetting ? others : [textOf({ head, content: others.join('\n') })];
      }
      case 'when:':
        return [textOf({ head, content: conditionsText(content) })];
      default:
        return [textOf({ head, content })];
    }
  });
  const isNew = ({ target }: ListedSecret): boolean =>
    !secrets.some((each) => each.target.toUpperCase() === target.toUpperCase());
  return [...keys, ...(secrets.length > 0 ? secretsText([...own.filter(isNew), ...secrets]) : [])].join('\n');
}

/** The secret that a variable or setting is filled from; a plugin gets its setting in a variable of its own. */
function secretIn(value: string, isSetting: boolean): readonly ListedSecret[] {
  const [, name, source] = /^(\S+):\s+(?:\{ )?from_secret: (\S+)/.exec(value) ?? [];
  if (name === undefined || source === undefined) return [];
  return [{ source, target: isSetting ? `plugin_${name}` : name }];
}

/** The list is either of names or of pairs. A variable has the name of its secret in upper case, unless it says another. */
function secretsText(secrets: readonly ListedSecret[]): readonly string[] {
  if (secrets.every(({ source, target }) => source.toUpperCase() === target.toUpperCase()))
    return [`secrets: [${secrets.map(({ source }) => source).join(', ')}]`];
  const pairs = secrets.map(({ source, target }) => `- source: ${source}\n  target: ${target.toLowerCase()}`);
  return [textOf({ head: 'secrets:', content: pairs.join('\n') })];
}

/** A promotion is a deployment there, and its target an environment. */
function conditionsText(text: string): string {
  return text
    .replace(/^target:/gm, 'environment:')
    .replace(/^event: .*$/gm, (line) => line.replace(/\bpromote\b/g, 'deployment'));
}
