import { placelessSecrets } from '../batches.ts';
import { chosenConfig } from '../config.ts';
import { gather } from '../gather.ts';
import { type InstallationPart, installationsOf, masksOf } from '../installations.ts';
import { byPlace, distinctProblems, type Problem, statusOf } from '../model/report.ts';
import { type Trust, unknownSite } from '../model/site.ts';
import type { Masked } from '../model/text.ts';
import { ownWords, say } from '../model/text.ts';
import { UserError } from '../model/user-error.ts';
import type { ToldWays } from '../model/ways.ts';
import { isOfRunner } from '../outcome.ts';
import { read } from '../read.ts';
import { visible, withoutCommands } from '../reporters/escape.ts';
import { problemLines } from '../reporters/prose.ts';
import { stepsInALine, waysDot, waysJson, waysMermaid, waysText } from '../reporters/ways.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { assetKinds, type Position, positions } from '../ways/states.ts';
import { told } from '../ways/told.ts';
import { hasParts, waysIn } from '../ways-in.ts';
import { type Io, wantsColor } from './io.ts';
import { ownToken } from './server-look.ts';
import { type TargetOptions, targetsOf } from './targets.ts';
import { hintFor } from './unknown-word.ts';

/** How many ways are named that a gate fails by. */
const mostOpened = 10;

/** The formats of `paths`. */
export const pathsFormats = ['text', 'json', 'mermaid', 'dot'] as const;

/** The options of `paths`. */
export interface PathsOptions extends TargetOptions {
  readonly format: (typeof pathsFormats)[number];
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly failOnPath: readonly string[];
  readonly trust?: Trust;
  readonly config?: string | boolean;
  readonly color: 'auto' | 'always' | 'never';
  readonly verbose: boolean;
}

/** A way that must not be open: from a position to an asset, or to all assets of a kind. */
interface Ban {
  readonly written: string;
  readonly from: Position;
  readonly to: string;
}

/**
 * Prints the ways through an installation, the cheapest cut, and how each position stands to each asset. Exit status 1 if a
 * way of --fail-on-path is open, 3 if something could not be read, or if nothing tells whether such a way is open.
 */
export async function paths(given: readonly string[], options: PathsOptions, io: Io): Promise<number> {
  const from = options.from.map(positionOf);
  const bans = options.failOnPath.map(banOf);
  for (const to of options.to) assetOf(to);
  const config = chosenConfig(options.config, io.cwd, new Set(familyOf.keys()));
  const { trust } = options;
  const site = { ...(config?.site ?? unknownSite), ...(trust === undefined ? {} : { trust }) };
  const gathered = await gather({ ...targetsOf(given, options, io), excludes: config?.excludes });
  const understood = read(gathered.sources, gathered.lookup, gathered.compose);
  const parts = installationsOf(understood, config?.joined);
  const token = ownToken(io);
  const maskOf = masksOf(parts, [...understood.secrets, ...placelessSecrets(token === undefined ? [] : [token])]);
  const hasRunners = understood.installation.settings.some(isOfRunner);
  const all = parts.flatMap(({ installation, sources: [first] }): readonly Masked<ToldWays>[] => {
    const known = hasRunners && installation.settings.some(isOfRunner) ? site : { ...site, allRunners: undefined };
    const ways = waysIn({ site: known, installation }, allRules, {
      ...(from.length > 0 ? { from } : {}),
      ...(options.to.length > 0 ? { to: (asset: string) => options.to.some((each) => isMeant(asset, each)) } : {}),
    });
    return ways.relations.length === 0 ? [] : [told(ways, first?.name ?? '', maskOf)];
  });
  const shown = all.map((each) => chosenOf(each, from, options.to));
  const problems = distinctProblems([
    ...gathered.problems,
    ...understood.problems,
    ...(all.length === 0 ? [nothing] : unseenParts(parts)),
    ...bans.flatMap((ban) => undecided(ban, all)),
  ]).map((problem) => maskOf(problem.source).problem(problem));
  const isIncomplete = problems.some(({ incomplete }) => incomplete);
  io.out(textOf(shown, options, io, isIncomplete));
  if (options.format === 'text' && problems.length > 0)
    io.out(`\n${problemLines(problems.toSorted(byPlace), io.width).join('\n')}\n`);
  else
    for (const { source, message, incomplete } of problems)
      if (incomplete) io.error(`drone-audit: ${source}: ${message}`);
  const opened = bans.flatMap((ban) => [...openedBy(ban, all)]);
  for (const line of opened.slice(0, mostOpened)) io.error(`drone-audit: ${visible(line)}`);
  if (opened.length > mostOpened) io.error(`drone-audit: and ${opened.length - mostOpened} more`);
  return opened.length > 0 ? 1 : statusOf(problems);
}

/** What is to be said of pipelines that neither a server nor a runner was read with: nothing tells what their builds reach. */
function unseenParts(parts: readonly InstallationPart[]): readonly Problem[] {
  const alone = parts.filter(({ installation }) => installation.pipelines.length > 0 && !hasParts(installation));
  const [first] = alone;
  if (!first) return [];
  const more = alone.length > 1 ? say` (and with ${alone.length - 1} more)` : say``;
  const message = say`neither a server nor a runner was read with this${more}: what its builds reach is not known`;
  return [{ kind: 'unsupported', source: first.sources[0]?.name ?? '.', message, incomplete: true }];
}

function textOf(
  all: readonly Masked<ToldWays>[],
  { format, color, verbose }: PathsOptions,
  io: Io,
  isIncomplete: boolean,
): string {
  switch (format) {
    case 'json':
      return waysJson(all, { name: 'drone-audit', version: io.version });
    case 'mermaid':
      return waysMermaid(all);
    case 'dot':
      return waysDot(all);
    case 'text':
      return [
        ...withoutCommands([waysText(all, { color: wantsColor(color, io), width: io.width, verbose }, isIncomplete)]),
      ].join('');
  }
}

/** What was asked for of the ways of an installation. */
function chosenOf(ways: Masked<ToldWays>, from: readonly string[], to: readonly string[]): Masked<ToldWays> {
  const isChosen = (each: { readonly from: string; readonly to: string }): boolean =>
    (from.length === 0 || from.includes(each.from)) && (to.length === 0 || to.some((word) => isMeant(each.to, word)));
  return {
    ...ways,
    ways: ways.ways.filter(isChosen),
    closed: ways.closed.filter(isChosen),
    notKnown: ways.notKnown.filter(isChosen),
    matrix: ways.matrix.filter(isChosen),
  };
}

function positionOf(word: string): Position {
  const found = positions.find((each) => each === word);
  if (!found) throw new UserError(`there is no position "${word}"`, hintFor({ word, known: positions }));
  return found;
}

/** An asset, or a kind of them. Throws UserError for what is neither. */
function assetOf(word: string): string {
  const kind = word.split(':')[0] ?? '';
  if (!assetKinds.some((each) => each === kind))
    throw new UserError(`there is no asset "${word}"`, hintFor({ word: kind, known: assetKinds }));
  return word;
}

function banOf(written: string): Ban {
  const colon = written.indexOf(':');
  if (colon < 0)
    throw new UserError(`"${written}" is no way`, 'write it as fork-author:host, or fork-author:host:runner');
  return { written, from: positionOf(written.slice(0, colon)), to: assetOf(written.slice(colon + 1)) };
}

/** Whether an asset is the one of a word, or of its kind. */
function isMeant(asset: string, word: string): boolean {
  return asset === word || (!word.includes(':') && asset.startsWith(`${word}:`));
}

/** The ways that a gate fails by. What is so by design of Drone is none of them: nobody could pass such a gate. */
function* openedBy({ written, from, to }: Ban, all: readonly Masked<ToldWays>[]): Generator<string> {
  const isBanned = (each: { readonly from: string; readonly to: string }): boolean =>
    each.from === from && isMeant(each.to, to);
  for (const { ways, matrix } of all) {
    const open = new Set(matrix.filter((cell) => isBanned(cell) && cell.is === 'open').map((cell) => cell.to));
    for (const way of ways)
      if (way.if === undefined && isBanned(way) && open.has(way.to))
        yield `--fail-on-path ${written}: ${way.from} gets to ${way.to}: ${stepsInALine(way)} (${way.certainty})`;
  }
}

/** What keeps a gate from being sure that a way is closed. */
function undecided(ban: Ban, all: readonly Masked<ToldWays>[]): readonly Problem[] {
  const cells = all.flatMap(({ matrix }) => matrix.filter(({ from, to }) => from === ban.from && isMeant(to, ban.to)));
  const about = (message: Problem['message']): readonly Problem[] => [
    { kind: 'empty', source: '.', message, incomplete: true },
  ];
  const isInSight = all.some(({ matrix }) => matrix.some(({ to }) => isMeant(to, ban.to)));
  if (!isInSight)
    return about(say`nothing that was read has a "${ban.to}", so --fail-on-path ${ban.written} tells nothing`);
  if (cells.some(({ is }) => is === 'not known'))
    return about(say`whether ${ownWords(ban.from)} gets to "${ban.to}" is not known: --server or --docker may tell`);
  return [];
}

const nothing: Problem = {
  kind: 'empty',
  source: '.',
  message: say`no Drone components found, so no way could be looked for`,
  incomplete: true,
};
