import { compare } from '../model/compare.ts';
import { addTo } from '../model/groups.ts';
import type { AnyRule } from '../model/rule.ts';
import { worstFirst } from '../model/severity.ts';
import { pad, wrap } from './display-width.ts';
import { safeJson } from './escape.ts';
import { jsonStandards } from './json.ts';
import { fenced, hanging, proseLines } from './prose.ts';
import { knownStandards } from './standards.ts';
import { type Styles, styles } from './styles.ts';

/** A file that shows what a rule finds or lets pass. */
export interface Example {
  readonly name: string;
  readonly text: string;
}

/** What shows a rule at work; `difference` is the diff from the bad example to the mended one. */
export interface RuleExamples {
  readonly bad?: Example;
  readonly mended?: Example;
  readonly difference?: string;
  readonly good?: Example;
}

/** What a rule judges, for people. */
const judged: Readonly<Record<AnyRule['on'], string>> = {
  settings: 'the settings of a server, runner or extension',
  container: 'a container, declared or running',
  pipeline: 'a pipeline',
  document: 'a whole .drone.yml',
  account: 'an account',
  host: 'a container engine and its host',
  endpoint: 'what an address answers to anyone',
  repository: 'a repository as the server has it',
  extension: 'what an extension answers to a probe',
  installation: 'the installation as a whole',
};

/** The page of a rule for a terminal of `width` columns, with the examples of its page as Markdown, if that is there. */
export function ruleText(rule: AnyRule, family: string, width: number, color = false, markdown = ''): string {
  const style = styles(color);
  const room = Math.max(width, 40) - 2;
  const lines = wrap(rule.title, room + 2).map((line) => style.strong(line));
  lines.push(rule.id, '');
  const facts: [string, string][] = [
    ['severity', style.severity[rule.severity](rule.severity)],
    ['confidence', rule.confidence],
    ['family', family],
    ['judges', judged[rule.on]],
    ['since', rule.since],
  ];
  if (rule.pedantic) facts.push(['shown', 'only with --pedantic']);
  for (const [name, value] of facts) lines.push(`  ${style.faint(name.padEnd(10))}  ${value}`);

  function section(title: string, body: readonly string[]): void {
    if (body.length > 0) lines.push('', style.strong(title), ...body.map((line) => `  ${line}`.trimEnd()));
  }
  section('Why', proseLines(rule.why, room));
  section('Fix', proseLines(rule.fix, room));
  for (const title of exampleTitles) {
    const body = proseLines(sectionOf(markdown, title), room);
    section(title, title === 'Difference' ? body.map((line) => changed(line, style)) : body);
  }
  section(
    'Standards',
    standardLines(rule).flatMap((line) => wrap(line, room)),
  );
  section('References', [...rule.refs]);
  section('Reported instead of', wrap((rule.supersedes ?? []).join(', '), room).filter(Boolean));
  section('To accept one place', proseLines(acceptance(rule).join('\n\n'), room));
  return `${lines.join('\n')}\n`;
}

/** The sections of a page that hold examples, in their order. */
const exampleTitles = ['Found', 'Mended', 'Difference', 'Not found'] as const;

/** What stands in a section of a page. No example holds such a title: it would be a key without a colon. */
function sectionOf(page: string, title: string): string {
  const [, after = ''] = page.split(`\n## ${title}\n`, 2);
  return after.split(/\n## (?=[A-Z])/, 1)[0]?.trim() ?? '';
}

/** A line of a diff, painted by what it says of it. */
function changed(line: string, { removed, added, faint }: Styles): string {
  const sign = line.trimStart()[0];
  if (sign === '-') return removed(line);
  if (sign === '+') return added(line);
  return sign === '@' ? faint(line) : line;
}

/** The page of a rule as Markdown, with examples if there are any. */
export function ruleMarkdown(rule: AnyRule, family: string, examples: RuleExamples = {}): string {
  const facts = [
    `severity **${rule.severity}**`,
    `confidence ${rule.confidence}`,
    `family ${family}`,
    `judges ${judged[rule.on]}`,
    `since ${rule.since}`,
  ];
  if (rule.pedantic) facts.push('only with `--pedantic`');
  const parts = [`# ${rule.title}`, `\`${rule.id}\``, facts.join(' · '), '## Why', rule.why, '## Fix', rule.fix];
  const { bad, mended, difference, good } = examples;
  const bodies = [
    bad && exampleParts(bad),
    mended && exampleParts(mended),
    difference && [fenced(difference, 'diff')],
    good && exampleParts(good),
  ];
  for (const [index, title] of exampleTitles.entries()) if (bodies[index]) parts.push(`## ${title}`, ...bodies[index]);
  const standards = standardLines(rule);
  if (standards.length > 0) parts.push('## Standards', bullets(standards));
  if (rule.refs.length > 0) parts.push('## References', bullets(rule.refs.map(reference)));
  if (rule.supersedes && rule.supersedes.length > 0)
    parts.push('## Reported instead of', bullets(rule.supersedes.map((id) => `\`${id}\``)));
  parts.push('## To accept one place', ...acceptance(rule));
  return `${parts.map((part) => part.trim()).join('\n\n')}\n`;
}

/** The list of rules, one section per family. An asterisk marks rules that are off unless asked for. */
export function rulesText(rules: readonly AnyRule[], familyOf: ReadonlyMap<string, string>, width = 80): string {
  const lines: string[] = [];
  for (const [family, members] of byFamily(rules, familyOf)) {
    const idWidth = Math.max(...members.map(({ id }) => id.length));
    lines.push(family);
    for (const { id, severity, pedantic, title } of members) {
      const head = `  ${pad(id, idWidth)}  ${pad(severity + (pedantic ? '*' : ''), 8)}  `;
      lines.push(...hanging(head, title, width));
    }
    lines.push('');
  }
  const pedantic = rules.filter((rule) => rule.pedantic).length;
  lines.push(`${rules.length} rules${pedantic > 0 ? `, ${pedantic} of them only with --pedantic (*)` : ''}`);
  return `${lines.join('\n')}\n`;
}

/** The list of rules as Markdown tables that link to their pages, `family/id.md`. */
export function rulesMarkdown(rules: readonly AnyRule[], familyOf: ReadonlyMap<string, string>): string {
  const parts = ['# Rules'];
  for (const [family, members] of byFamily(rules, familyOf)) {
    const rows = members.map(
      ({ id, severity, confidence, pedantic, title }) =>
        `| [\`${id}\`](${family}/${id}.md) | ${severity} | ${confidence} | ${cell(title)}${pedantic ? ' (`--pedantic`)' : ''} |`,
    );
    parts.push(
      `## ${family}`,
      ['| rule | severity | confidence | finds |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    );
  }
  return `${parts.join('\n\n')}\n`;
}

/** The list of rules, by id, as `rules --format json` prints it. Scripts depend on it. */
export function rulesJson(rules: readonly AnyRule[], familyOf: ReadonlyMap<string, string>): string {
  const list = rules.toSorted(byId).map((rule) => ({
    id: rule.id,
    family: familyOf.get(rule.id) ?? '',
    on: rule.on,
    severity: rule.severity,
    confidence: rule.confidence,
    pedantic: rule.pedantic ?? false,
    title: rule.title,
    why: rule.why,
    fix: rule.fix,
    standards: jsonStandards(rule.standards),
    since: rule.since,
  }));
  return safeJson(list);
}

/** Families in the order of their names, each with the most severe rules first. */
function byFamily(rules: readonly AnyRule[], familyOf: ReadonlyMap<string, string>): [string, AnyRule[]][] {
  const families = new Map<string, AnyRule[]>();
  for (const rule of rules.toSorted((a, b) => worstFirst(a, b) || byId(a, b)))
    addTo(families, familyOf.get(rule.id) ?? '', rule);
  return [...families].sort(([a], [b]) => compare(a, b));
}

function byId(a: AnyRule, b: AnyRule): number {
  return compare(a.id, b.id);
}

function standardLines({ standards }: AnyRule): string[] {
  return knownStandards.flatMap((standard) =>
    standard.ids(standards).map((id) => {
      const title = standard.title(id);
      if (title) return `${id}: ${title}`;
      return standard.key === 'cisDocker' ? `${standard.name} ${standard.version}: ${id}` : id;
    }),
  );
}

/** How a finding of the rule is accepted, in Markdown: by a comment, and in the config where there is no line for one. */
function acceptance({ id, on }: AnyRule): readonly string[] {
  const comment = [
    fenced(`# drone-audit: ignore[${id}] why this is meant`, 'yaml'),
    'Write it on the line, alone on the line above, or on the step, service or document that it concerns. The reason is required.',
  ];
  if (on === 'container' || on === 'settings')
    return [
      ...comment,
      'A running container has no line to write on: accept what is found there in `drone-audit.yml`, under `ignore`, with its name as `path: docker://drone-server`.',
    ];
  const answer = answers[on];
  if (answer === undefined) return comment;
  const entry = [
    fenced(
      `# drone-audit.yml\nignore:\n  - rule: ${id}\n    path: ${answer.path}\n    reason: why this is meant`,
      'yaml',
    ),
    '`path` is the place that the report names, without line and column, and stands for all that lies below it. `at` narrows it, by the path that JSON reports give.',
  ];
  if (answer.alone) return entry;
  return [
    ...comment,
    'What a server or an engine answered has no line to write on: accept that in the config.',
    ...entry,
  ];
}

/** The names of answers that a kind of rule judges, and whether it judges nothing else. */
const answers: Readonly<Partial<Record<AnyRule['on'], { readonly path: string; readonly alone: boolean }>>> = {
  account: { path: 'https://ci.example.com/api/users', alone: false },
  endpoint: { path: 'https://ci.example.com', alone: true },
  extension: { path: 'https://secrets.example.com', alone: true },
  host: { path: 'docker-engine://build-1', alone: false },
  installation: { path: 'https://ci.example.com', alone: false },
  repository: { path: 'https://ci.example.com/api/repos/octocat/app', alone: true },
};

function exampleParts({ name, text }: Example): string[] {
  return [`\`${name}\``, fenced(text, /\.ya?ml$/.test(name) ? 'yaml' : '')];
}

function reference(text: string): string {
  return /^https?:\/\/\S+$/.test(text) ? `<${text}>` : `\`${text}\``;
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
