import { addTo } from '../../model/groups.ts';
import type { Finding, MaskedLocation, MaskedSource } from '../../model/report.ts';
import type { AnyRule } from '../../model/rule.ts';
import { atLeast, type Severity, severities, totalOf } from '../../model/severity.ts';
import { characterWidth } from '../display-width.ts';
import { isPlain } from '../escape.ts';
import { type FrameLine, frame } from '../frame.ts';
import { Kept } from '../passes.ts';
import { cut } from '../prose.ts';
import { knownStandards } from '../standards.ts';
import { mostRanked } from '../tally.ts';
import { cutFront, escaped, link, prose } from './escape.ts';
import { diffOf } from './fix-diff.ts';
import { amount, below, chip, codeOf, limited, many, placeIn } from './words.ts';

/** What a browser can show well: so many findings with all that is known, and so many in all; the rest is counted. */
const mostBodies = 1000;
const mostListed = mostRanked;
/** A rule with more findings than these is explained once, and not with each. */
const explainedOnce = 20;
const mostCounted = 200;
const mostRelated = 6;
const mostReferences = 1;
const columns = 100;

/** How many findings of a rule lie where. */
interface Counted {
  readonly rule: string;
  readonly where: string;
  findings: number;
  files: number;
  /** The number of the last file, which is counted already. */
  file: number;
  /** The highest rank, and the ordinal of the first that has it. */
  rank: number;
  ordinal: number;
}

/** How the findings of a report are divided, before any of them is written. */
export interface Division {
  /** The folder that all files lie in; places are told from there. */
  readonly root: string;
  /** Files with their findings, both the worst first. */
  readonly files: readonly { readonly name: string; readonly findings: readonly Finding[] }[];
  /** Rows of a table, as markup. */
  readonly rows: readonly string[];
  readonly counted: readonly Counted[];
  readonly uncounted: number;
  /** Of the findings with a body, those of which a fix can be compared with the text. */
  readonly sources: ReadonlyMap<string, MaskedSource>;
  /** The id of each finding with a body. */
  readonly ids: ReadonlyMap<Finding, string>;
  /** Of the advice that is given once, the id of the place. */
  readonly explained: ReadonlyMap<string, { readonly id: string; readonly finding: Finding }>;
  readonly isOpenToForks: boolean;
}

/** Takes what is told of each open finding out of all that go by: the worst are kept, further ones made a row, others counted. */
export class Dividing {
  private readonly root: string;
  private readonly bodies: readonly number[];
  private readonly kept: Kept<Finding>;
  /** By ordinal, in the order in which they are told. */
  private readonly rows: Map<number, string>;
  private readonly counted = new Map<string, Counted[]>();
  private name = '';
  private file = 0;
  private isOpenToForks = false;

  /** `ranked`: the ordinals of the worst findings, in order. */
  constructor(ranked: readonly number[], root: string) {
    this.root = root;
    this.bodies = ranked.slice(0, mostBodies);
    this.kept = new Kept(this.bodies);
    this.rows = new Map(ranked.slice(mostBodies, mostListed).map((ordinal) => [ordinal, '']));
  }

  see(finding: Finding, ordinal: number): void {
    this.isOpenToForks ||= isOpenToForks(finding);
    if (this.kept.wants(ordinal)) this.kept.see(finding, ordinal);
    else if (this.rows.has(ordinal)) this.rows.set(ordinal, rowOf(finding, this.root));
    else this.count(finding, ordinal);
  }

  private count({ rule, rank, at: { source } }: Finding, ordinal: number): void {
    if (source.name !== this.name) this.file++;
    this.name = source.name;
    const where = source.slug ?? folderOf(below(this.root, source.name));
    const there = this.counted.get(where) ?? [];
    if (there.length === 0) this.counted.set(where, there);
    const known = there.find((each) => each.rule === rule);
    const own = known ?? { rule, where, findings: 0, files: 0, file: 0, rank, ordinal };
    if (!known) there.push(own);
    own.findings++;
    if (own.file !== this.file) own.files++;
    own.file = this.file;
    if (rank <= own.rank) return;
    own.rank = rank;
    own.ordinal = ordinal;
  }

  get division(): Division {
    const byFile = new Map<string, Finding[]>();
    const ids = new Map<Finding, string>();
    const sources = new Map<string, MaskedSource>();
    const used = new Set<string>();
    const advice = new Map<string, { amount: number; finding: Finding }>();
    for (const finding of this.kept.of(this.bodies)) {
      for (const { at } of [finding, ...finding.related, ...finding.consequences])
        sources.set(at.source.name, at.source);
      addTo(byFile, finding.at.source.name, finding);
      const stem = `f-${finding.fingerprint.replace(/[^\da-z]/g, '')}`;
      let id = stem;
      for (let again = 2; used.has(id); again++) id = `${stem}-${again}`;
      used.add(id);
      ids.set(finding, id);
      const given = advice.get(finding.advice);
      if (given) given.amount++;
      else advice.set(finding.advice, { amount: 1, finding });
    }
    const often = [...advice].filter(([, each]) => each.amount > explainedOnce);
    const counted = [...this.counted.values()]
      .flat()
      .sort((a, b) => b.findings - a.findings || b.rank - a.rank || a.ordinal - b.ordinal);
    return {
      root: this.root,
      files: [...byFile].map(([name, findings]) => ({ name, findings })),
      rows: [...this.rows.values()],
      counted,
      uncounted: counted.reduce((sum, { findings }) => sum + findings, 0),
      sources,
      ids,
      explained: new Map(often.map(([key, { finding }], index) => [key, { id: `advice-${index + 1}`, finding }])),
      isOpenToForks: this.isOpenToForks,
    };
  }
}

/** Where no repository is known by its name, its place among the files stands for it. */
function folderOf(name: string): string {
  const slash = name.lastIndexOf('/');
  return slash < 0 ? '.' : name.slice(0, slash);
}

/** The findings, written one after the other; `open`: how many there are. */
export function* findingsSection(
  open: Readonly<Record<Severity, number>>,
  division: Division,
  rules: readonly AnyRule[],
  hints: readonly string[],
): Generator<string> {
  const refs = new Map(rules.map((rule) => [rule.id, rule.refs]));
  yield '<section id="findings"><h2>Findings</h2>';
  if (totalOf(open) === 0) yield '<p class="lead">No finding is shown.</p>';
  else yield filters(open, division);
  for (const { name, findings } of division.files) {
    yield `<section class="group"><h3>${codeOf(below(division.root, name))} ${fileCounts(findings)}</h3>`;
    for (const finding of findings) yield detail(finding, division, refs.get(finding.rule) ?? []);
    yield '</section>\n';
  }
  yield* rowsOf(division);
  yield* countsOf(division);
  for (const hint of hints) yield `<p class="more">${hint}</p>`;
  yield '</section>\n';
  yield* explanations(division, refs);
}

function filters(counts: Readonly<Record<Severity, number>>, { isOpenToForks }: Division): string {
  const boxes = severities.flatMap((severity) => {
    const of = counts[severity];
    if (of === 0) return [];
    return [
      `<label class="fl"><input type="checkbox" id="f-${severity}" checked>${chip(severity)} <b>${amount(of)}</b></label>`,
    ];
  });
  const fork = isOpenToForks
    ? '<label class="fl"><input type="checkbox" id="f-fork"> only what forks reach</label>'
    : '';
  return `<form class="filters" aria-label="Filter"><fieldset><legend>Show</legend>${boxes.join('')}${fork}</fieldset><label class="search" hidden>Search <input type="search" id="q" placeholder="rule, file, text"></label></form><p id="count" role="status" class="count">${many(totalOf(counts), 'finding')}</p>`;
}

function isOpenToForks({ reach }: Finding): boolean {
  return reach === 'fork pull requests';
}

function fileCounts(findings: readonly Finding[]): string {
  const counts = new Map<Severity, number>();
  for (const { severity } of findings) counts.set(severity, (counts.get(severity) ?? 0) + 1);
  return `<span class="cnt">${severities
    .flatMap((severity) => {
      const of = counts.get(severity);
      return of === undefined ? [] : [`<span class="n ${severity}">${amount(of)} ${severity}</span>`];
    })
    .join(' ')}</span>`;
}

/** One finding with all that is known of it. */
function detail(finding: Finding, { ids, explained, root, sources }: Division, refs: readonly string[]): string {
  const { severity, message, why, fix, afterwards, reach, rule, confidence, fingerprint, label, at } = finding;
  const told = explained.get(finding.advice);
  const doubt = confidence === 'high' ? '' : ` <span class="doubt">confidence: ${confidence}</span>`;
  const whom = reach === undefined ? '' : `<span class="reach">${escaped(reach)}</span>`;
  const mend = afterwards === undefined ? fix : `${fix}\n\n${afterwards}`;
  const advice = told
    ? `<p><a href="#${told.id}">Why it matters, and what to do</a>: told once for all findings of this rule.</p>`
    : `<div class="two"><div><h4>Why it matters</h4>${prose(why)}</div><div><h4>What to do</h4>${mending(mend, at, sources)}</div></div>`;
  const facts: [string, string][] = [
    ['Rule', `${codeOf(rule)}, confidence ${confidence}`],
    ['Of', `${escaped(cut(label, 200))}${at.path === '' ? '' : `, ${codeOf(cut(at.path, 200))}`}`],
    ...overrideOf(finding),
    ...standardsOf(finding),
    ...(told || refs.length === 0 ? [] : [['Read', references(refs)] satisfies [string, string]]),
    ['Fingerprint', codeOf(fingerprint)],
  ];
  return `<details class="f ${severity}${atLeast(severity, 'high') ? ' hi' : ''}" id="${ids.get(finding) ?? ''}"${isOpenToForks(finding) ? ' data-fork' : ''}><summary>${chip(severity)} <span class="msg">${escaped(message)}${doubt}</span> <span class="where">${whom} ${codeOf(placeIn(root, finding))}</span></summary><div class="body">${codeFrame(finding)}${advice}${consequences(finding, root)}${related(finding, root)}<dl class="meta">${facts.map(([name, value]) => `<div><dt>${name}<dd>${value}</div>`).join('')}</dl></div></details>`;
}

/** The fix, where it is written for a file as a diff of that. */
function mending(fix: string, at: MaskedLocation, sources: Division['sources']): string {
  return prose(fix, (block) => diffOf(block, at, sources));
}

/** Documentation first; `explain RULE` has all. */
function references(refs: readonly string[]): string {
  return refs
    .toSorted((a, b) => Number(b.startsWith('https:')) - Number(a.startsWith('https:')))
    .slice(0, mostReferences)
    .map((ref) => (/^https:\/\/[^\s"<>]+$/.test(ref) ? link(ref, ref.replace(/^https:\/\//, '')) : codeOf(ref)))
    .join(', ');
}

function standardsOf({ standards }: Finding): [string, string][] {
  const ids = knownStandards.flatMap(({ key, name, version, ids: of }) => {
    const found = of(standards);
    if (found.length === 0) return [];
    return [key === 'cisDocker' ? `${name} ${version} ${found.join(', ')}` : found.join(', ')];
  });
  return ids.length === 0 ? [] : [['Standards', escaped(ids.join(' \u00b7 '))]];
}

/** That a config gives the rule another severity, and why. */
function overrideOf({ override }: Finding): [string, string][] {
  if (!override) return [];
  const { from, to, reason, where } = override;
  return [['Severity', `${from}, made ${to} at ${codeOf(where)}: ${escaped(cut(reason, 200))}`]];
}

/** What the same condition opens: it is gone, or less severe, when this is mended. */
function consequences({ consequences: found }: Finding, root: string): string {
  if (found.length === 0) return '';
  const items = limited(
    found,
    mostRelated,
    ({ severity, rule, message, at, remains }) =>
      `<li>${chip(severity)} ${codeOf(placeIn(root, { at }))} ${codeOf(rule)}: ${escaped(message)}${remains === undefined ? '' : ` (${remains} remains)`}</li>`,
    (rest) => `<li>and ${amount(rest)} more</li>`,
  );
  return `<h4>What it opens</h4><ul>${items}</ul>`;
}

function related({ related: places }: Finding, root: string): string {
  if (places.length === 0) return '';
  const items = limited(
    places,
    mostRelated,
    ({ at, message }) => `<li>${codeOf(placeIn(root, { at }))} ${escaped(message)}</li>`,
    (rest) => `<li>and ${amount(rest)} more</li>`,
  );
  return `<h4>See also</h4><ul>${items}</ul>`;
}

/** The line in question between its neighbours, with the words in question marked. */
function codeFrame({ at }: Finding): string {
  const lines = frame(at, columns, true);
  return `<pre class="frame" tabindex="0"><code>${lines.map(frameLine).join('')}</code></pre>`;
}

function frameLine({ line, text, mark }: FrameLine): string {
  const number = `<b>${String(line).padStart(4)}</b> `;
  // The line feed is within: between blocks it would be a line of its own.
  if (!mark) return `<span>${number}${escaped(text)}\n</span>`;
  const [from, to] = [indexOf(text, mark.from), indexOf(text, mark.to)];
  const words = text.slice(from, to);
  const marked = words === '' ? '' : `<mark>${escaped(words)}</mark>`;
  return `<span class="hit">${number}${escaped(text.slice(0, from))}${marked}${escaped(text.slice(to))}\n</span>`;
}

/** The place in a text of a column of a terminal. */
function indexOf(text: string, column: number): number {
  if (isPlain(text)) return column;
  let index = 0;
  let columnsBefore = 0;
  for (const character of text) {
    if (columnsBefore >= column) break;
    columnsBefore += characterWidth(character);
    index += character.length;
  }
  return index;
}

function* rowsOf({ rows, counted }: Division): Generator<string> {
  if (rows.length === 0) return;
  yield `<section class="group"><h3>Further findings <span class="gives">${counted.length > 0 ? 'the next ' : ''}${amount(rows.length)}, the worst first</span></h3><div class="scroll" tabindex="0" role="region" aria-label="Further findings"><table><thead><tr><th scope="col">Severity</th><th scope="col">Finding</th><th scope="col">Place</th></tr></thead><tbody>`;
  yield* rows;
  yield '</tbody></table></div></section>\n';
}

function rowOf(finding: Finding, root: string): string {
  const { severity, message } = finding;
  return `<tr class="f ${severity}"${isOpenToForks(finding) ? ' data-fork' : ''}><td>${severity}<td>${escaped(cut(message, 140))}<td>${escaped(cutFront(placeIn(root, finding), 120))}\n`;
}

/** Where there are more findings than a page can hold, how many of which rule lie where. */
function* countsOf({ counted, uncounted }: Division): Generator<string> {
  if (counted.length === 0) return;
  yield `<section class="counts"><h3>${amount(uncounted)} more, by rule and place</h3><p class="lead">A page of all of them could not be opened. <code>-o report.csv</code> or <code>-o report.jsonl</code> holds every one.</p><div class="scroll" tabindex="0" role="region" aria-label="Further findings, counted"><table><thead><tr><th scope="col">Rule</th><th scope="col">Where</th><th scope="col">Findings</th><th scope="col">Files</th></tr></thead><tbody>`;
  for (const { rule, where, findings, files } of counted.slice(0, mostCounted))
    yield `<tr><td>${codeOf(rule)}<td>${codeOf(cut(where, 120))}<td>${amount(findings)}<td>${amount(files)}\n`;
  const rest = counted.slice(mostCounted);
  if (rest.length > 0)
    yield `<tr><td colspan="4">and ${amount(rest.reduce((sum, { findings }) => sum + findings, 0))} in ${many(rest.length, 'other place')}`;
  yield '</tbody></table></div></section>\n';
}

function* explanations(
  { explained, sources }: Division,
  refs: ReadonlyMap<string, readonly string[]>,
): Generator<string> {
  if (explained.size === 0) return;
  yield '<section id="advice"><h2>Told once</h2><p class="lead">What so many findings share that it would only be repeated with each.</p>';
  for (const { id, finding } of explained.values()) {
    const of = refs.get(finding.rule) ?? [];
    yield `<details class="fold" id="${id}"><summary><h3>${escaped(finding.title)}</h3> ${codeOf(finding.rule)}</summary><div class="two"><div><h4>Why it matters</h4>${prose(finding.why)}</div><div><h4>What to do</h4>${mending(finding.fix, finding.at, sources)}</div></div>${of.length === 0 ? '' : `<p class="more">Read: ${references(of)}</p>`}</details>`;
  }
  yield '</section>\n';
}

/** A short list of the places of a decision, of which there are so many, with links where the page has them in full. */
export function placesOf(findings: readonly Finding[], places: number, { ids, root }: Division): string {
  const links = findings.map((finding) => {
    const id = ids.get(finding);
    // A word joiner: nothing but the sign of a cut would stand on a line.
    const place = escaped(cutFront(placeIn(root, finding), 44)).replace(/^\u2026\/?/, '$&&#8288;');
    return id === undefined ? `<span>${place}</span>` : `<a href="#${id}">${place}</a>`;
  });
  const rest = places - findings.length;
  return links.join('<br>') + (rest > 0 ? `<br>and ${amount(rest)} more` : '');
}
