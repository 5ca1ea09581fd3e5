import type { FindingLink } from '../model/finding-link.ts';
import { addTo } from '../model/groups.ts';
import type {
  ExplainedFile,
  ExplainedPipeline,
  ExplainedReach,
  ExplainedSecret,
  ExplainedStep,
  PipelineExplanation,
} from '../model/pipeline-explanation.ts';
import { count } from '../model/prose.ts';
import type { Masked } from '../model/text.ts';
import { characterWidth, displayWidth, pad, wrap } from './display-width.ts';
import { safeJson, visible } from './escape.ts';
import { hanging, problemLines } from './prose.ts';
import { type Styles, styles } from './styles.ts';

interface Look {
  /** In columns. */
  readonly width: number;
  readonly style: Styles;
}

/** What Drone makes of pipeline files, for programs. */
export function pipelineJson(explanation: Masked<PipelineExplanation>): string {
  return safeJson(explanation);
}

/** What Drone makes of pipeline files, for people: a table for each pipeline, and notes below it. */
export function pipelineTable(
  explanation: Masked<PipelineExplanation>,
  { width, color }: { readonly width: number; readonly color: boolean },
): string {
  const look: Look = { width: Math.max(width, 60), style: styles(color) };
  const lines = explanation.files.flatMap((file) => fileLines(file, look));
  for (const line of problemLines(explanation.problems, look.width)) lines.push(line);
  return `${lines.join('\n').trimEnd()}\n`;
}

function fileLines(file: Masked<ExplainedFile>, look: Look): string[] {
  const steps = file.pipelines.reduce((sum, pipeline) => sum + pipeline.steps.length, 0);
  const facts = [
    visible(file.file),
    count(file.pipelines.length, 'pipeline'),
    count(steps, 'step'),
    ...(file.legacy ? ['in a format before 1.0'] : []),
    ...(file.signed ? ['signed'] : []),
    ...(file.refusals.some(({ by }) => by === 'server') ? ['refused by the server'] : []),
  ];
  return [
    ...wrap(facts.join(' · '), look.width).map(look.style.place),
    '',
    ...alike(file.pipelines).flatMap((pipelines) => [...pipelineLines(pipelines, look), '']),
    ...section(
      'Secret documents',
      file.secrets.map(({ line, name, origin, usedBy }) => ({
        line,
        text: `"${name}" (${origin === 'nothing' ? 'holds nothing' : origin}), ${usedBy.length > 0 ? `used by ${usedBy.join(', ')}` : 'used by nothing'}`,
      })),
      look,
    ),
    ...section('Replaced before the file is read', substitutionRows(file), look),
    ...section(
      'Refused',
      // What needs trust is shown with its pipeline.
      file.refusals.flatMap(({ line, message, by }) =>
        by === 'runner of an untrusted repository' ? [] : [{ line, text: `by the ${by}: ${message}` }],
      ),
      look,
    ),
    ...section('Findings in the rest of the file', file.findings.map(linkRow), look),
    ...section(
      'Not what it looks like',
      file.ignored.map(({ line, message }) => ({ line, text: message })),
      look,
    ),
  ];
}

/** Runs of pipelines that differ only in their names, as the rows of a matrix often do. */
function alike(pipelines: readonly Masked<ExplainedPipeline>[]): readonly Alike[] {
  const groups: { first: Masked<ExplainedPipeline>; last: Masked<ExplainedPipeline>; text: string }[] = [];
  for (const pipeline of pipelines) {
    // What is found in several is told of the first.
    const text = JSON.stringify({ ...pipeline, name: '' }, (key, value) => (key === 'findings' ? [] : value));
    const group = groups.at(-1);
    if (group?.text === text) group.last = pipeline;
    else groups.push({ first: pipeline, last: pipeline, text });
  }
  return groups;
}

interface Alike {
  readonly first: Masked<ExplainedPipeline>;
  readonly last: Masked<ExplainedPipeline>;
}

interface Row {
  readonly line: number;
  readonly text: string;
}

/** Equal expressions in equal places become one row. */
function substitutionRows({ substitutions }: Masked<ExplainedFile>): readonly Row[] {
  const rows = new Map<string, { line: number; count: number }>();
  for (const { line, expression, where, control } of substitutions) {
    const text = `${shortened(expression, 60)} in ${where}: ${control}`;
    const known = rows.get(text);
    if (known) known.count++;
    else rows.set(text, { line, count: 1 });
  }
  return [...rows].map(([text, row]) => ({
    line: row.line,
    text: row.count > 1 ? `${text} (${row.count} times)` : text,
  }));
}

/** How many rows of one section are shown. */
const maxRows = 40;

function section(title: string, rows: readonly Row[], look: Look): string[] {
  if (rows.length === 0) return [];
  const lines = rows.slice(0, maxRows).flatMap(({ line, text }) => {
    const [first = '', ...others] = hanging('  ', visible(text), look.width - 10);
    return [withLine(first, line, look), ...others];
  });
  if (rows.length > maxRows) lines.push(`  and ${rows.length - maxRows} more`);
  return [look.style.strong(title), ...lines, ''];
}

/** The text with `line N` at the right edge. */
function withLine(text: string, line: number, { width, style }: Look, used = displayWidth(text)): string {
  const mark = `line ${line}`;
  return `${text}${' '.repeat(Math.max(2, width - mark.length - used))}${style.faint(mark)}`;
}

function pipelineLines({ first, last }: Alike, look: Look): string[] {
  const { name, line, type, platform, reach, conditions, secrets, clone, dependsOn, node, notes, steps } = first;
  const label =
    first === last ? `pipeline "${visible(name)}"` : `pipelines "${visible(name)}" to "${visible(last.name)}"`;
  const title = shortened(label, look.width - 40);
  const fact = (label: string, text: string): string[] => hanging(pad(`  ${label}`, 13), visible(text), look.width);
  const head = `${title}  ${visible(type)} on ${visible(platform)}`;
  return [
    look.style.strong(withLine(shortened(head, look.width - 12), line, look)),
    ...fact('starts on', eventsText(reach)),
    ...(reach.events.length > 0 ? fact('caused by', causesText(reach)) : []),
    ...fact('open to', `${reach.openTo}: ${reasonText(reach)}`),
    ...(conditions.length > 0 ? fact('trigger', conditions.join(' · ')) : []),
    ...fact('trust', trustText(first)),
    ...(secrets.length > 0 ? fact('secrets', secrets.map(pipelineSecretText).join(' · ')) : []),
    ...fact('clone', clone),
    ...(dependsOn.length > 0 ? fact('after', dependsOn.join(', ')) : []),
    ...(node.length > 0 ? fact('runner', node.join(', ')) : []),
    ...notes.flatMap((note) => fact('note', note)),
    ...linkLines(first.findings, look),
    '',
    ...table(steps, look),
    ...(steps.length > 0 ? [''] : []),
    ...steps.flatMap((step) => detailLines(step, reach, look)),
  ];
}

function eventsText({ events }: Masked<ExplainedReach>): string {
  if (events.length === 0) return 'no event';
  return events.length === 7 ? 'every event' : events.join(', ');
}

/** Who can cause the events, the weakest first; events with the same causers are grouped. */
function causesText({ causes }: Masked<ExplainedReach>): string {
  const byWhom = new Map<string, string[]>();
  for (const { by } of [...causes].sort(
    (a, b) => Number(b.event === 'pull_request') - Number(a.event === 'pull_request'),
  )) {
    const comma = by.indexOf(', ');
    addTo(byWhom, by.slice(0, comma), by.slice(comma + 2));
  }
  return [...byWhom].map(([who, how]) => `${who}, ${how.join(', ')}`).join('; ');
}

function reasonText({ reason, reasonLine }: Masked<ExplainedReach>): string {
  return reasonLine === undefined ? reason : `${reason} (line ${reasonLine})`;
}

const releases = {
  'if flagged': 'given to pull requests if flagged for them',
  'in private repositories': 'given to pull requests of private repositories',
  'if the extension agrees': 'given to pull requests unless the extension refuses',
} as const;

function trustText({ trust: { side, needs }, unserved }: Masked<ExplainedPipeline>): string {
  if (unserved !== undefined) return unserved;
  if (side === 'always') return 'runs in every repository, trusted or not';
  if (side === 'not checked') return 'the runner of this type does not look at the trusted flag';
  const lines = new Map<string, Set<number>>();
  for (const { what, line } of needs) {
    const known = lines.get(what);
    if (known) known.add(line);
    else lines.set(what, new Set([line]));
  }
  const places = [...lines].map(([what, places]) => `${what} (${linesText([...places].sort((a, b) => a - b))})`);
  return `refused in repositories that are not trusted: it would ${places.join(', ')}`;
}

/** How many lines are shown about one thing. */
const maxLines = 5;

function linesText(lines: readonly number[]): string {
  const shown = lines.slice(0, maxLines).join(', ');
  const more = lines.length > maxLines ? ` and ${lines.length - maxLines} more` : '';
  return `${lines.length > 1 ? 'lines' : 'line'} ${shown}${more}`;
}

function pipelineSecretText({ name, variable, origin, onPullRequest }: Masked<ExplainedSecret>): string {
  const use = variable === 'image_pull_secrets' ? 'to pull images' : `as ${variable}`;
  return `"${name}" (${origin}) ${use}${onPullRequest ? `, ${releases[onPullRequest]}` : ''}`;
}

/** Columns of the table; the first takes the remaining width. */
const columns = ['step', 'open to', 'runs as', 'secrets', 'image'] as const;
const pins = {
  digest: 'digest',
  'whole version': 'version',
  'part of a version': 'partial',
  floating: 'floating',
  variable: 'variable',
} as const;
const levels = { ordinary: 'ordinary', privileged: 'PRIVILEGED', engine: 'ENGINE', host: 'HOST' } as const;

function table(steps: readonly Masked<ExplainedStep>[], { width, style }: Look): string[] {
  if (steps.length === 0) return ['  no steps'];
  const rows = steps.map((step) => [
    visible(step.section === 'services' ? `${step.name} (service)` : step.name) || '(no name)',
    shortReach(step.reach),
    levels[step.privilege.level],
    step.secrets.length > 0 ? String(new Set(step.secrets.map(({ name }) => name)).size) : '-',
    step.image ? pins[step.image.pinning] : '-',
  ]);
  const sizes = columns.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => Math.min(displayWidth(row[index] ?? ''), 30))),
  );
  // On a narrow terminal, the first two columns give way.
  const least = 2 * columns.length + sizes.slice(2).reduce((sum, size) => sum + size, 0);
  const [names = 0, reach = 0] = sizes;
  sizes[1] = Math.max(10, Math.min(reach, width - least - 8));
  sizes[0] = Math.max(8, Math.min(names, width - least - sizes[1]));
  const write = (cells: readonly string[]): string =>
    `  ${cells.map((cell, index) => pad(shortened(cell, sizes[index] ?? 8), sizes[index] ?? 8)).join('  ')}`.trimEnd();
  return [style.faint(write(columns)), ...rows.map(write)];
}

function shortReach({ openTo, events }: Masked<ExplainedReach>): string {
  if (events.length === 0) return 'nobody';
  return openTo
    .replace('whoever may start ', '')
    .replace(/^writers by /, 'writers: ')
    .replaceAll(' and ', ', ');
}

/** What does not fit into the table: a line for the step, and one for each thing to know about it. */
function detailLines(step: Masked<ExplainedStep>, reach: Masked<ExplainedReach>, look: Look): string[] {
  const details: string[] = [];
  if (step.privilege.level !== 'ordinary') details.push(step.privilege.why);
  const needs = step.trustNeeds.map(({ what, line }) => `needs trust to ${what} (line ${line})`);
  details.push(...new Set(needs));
  if (step.conditions.length > 0) details.push(`when ${step.conditions.join(' · ')}`);
  if (step.reach.events.join() !== reach.events.join()) {
    // The pipeline's reason is shown there, and does not explain what the step leaves out.
    const why = step.reach.reason === reach.reason ? '' : `: ${reasonText(step.reach)}`;
    details.push(`runs on ${eventsText(step.reach)}${why}`);
  }
  details.push(...secretTexts(step));
  details.push(...step.notes);
  const name = shortened(visible(step.name) || '(no name)', 40);
  const image = step.image ? `  ${visible(step.image.text)}` : '';
  const title = shortened(`${name}${image}`, look.width - 13).slice(name.length);
  return [
    withLine(`  ${look.style.strong(name)}${title}`, step.line, look, 2 + displayWidth(name + title)),
    ...details.flatMap((detail) => hanging('    ', visible(detail), look.width)),
    ...linkLines(step.findings, look, 4),
  ];
}

/** Findings, each with its line; `explain RULE` tells about them. */
function linkLines(links: readonly FindingLink[], look: Look, indent = 2): string[] {
  return links.map(({ severity, rule, line }) => {
    const text = `${' '.repeat(indent)}! ${look.style.severity[severity](severity)} ${rule}`;
    return withLine(text, line, look, indent + severity.length + rule.length + 3);
  });
}

function linkRow({ severity, rule, line }: FindingLink): Row {
  return { line, text: `${severity} ${rule}` };
}

/** The secrets of a step; those that are released alike are grouped. */
function secretTexts({ secrets, runs }: Masked<ExplainedStep>): string[] {
  const fates = new Map<string, string[]>();
  for (const { name, variable, origin, onPullRequest } of secrets) {
    const facts = [
      ...(origin === 'stored' ? [] : [origin]),
      ...(runs === 'commands' ? ['readable by its commands'] : []),
      ...(onPullRequest ? [releases[onPullRequest]] : []),
    ];
    addTo(fates, facts.join('; '), `"${name}" in ${variable}`);
  }
  return [...fates].map(
    ([fate, texts]) =>
      `${texts.length > 1 ? 'secrets' : 'secret'} ${texts.join(', ')}${fate === '' ? '' : `: ${fate}`}`,
  );
}

/** Cut to at most `width` columns, ending in `…`. */
function shortened(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let short = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > width - 1) break;
    short += character;
  }
  return `${short}…`;
}
