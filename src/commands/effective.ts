import { usualPolicy } from '../apply-policy.ts';
import { judgeAll } from '../audit.ts';
import { chosenConfig } from '../config.ts';
import { explainInstallation } from '../explain/installation.ts';
import { gather } from '../gather.ts';
import type { EffectiveView } from '../model/effective.ts';
import {
  byPlace,
  distinctProblems,
  type Mention,
  type Problem,
  type ReportedProblem,
  statusOf,
} from '../model/report.ts';
import { unknownSite } from '../model/site.ts';
import { type Masked, ownWords, say } from '../model/text.ts';
import { read } from '../read.ts';
import { effectiveJson, effectiveText } from '../reporters/effective.ts';
import { withoutCommands } from '../reporters/escape.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { type Io, wantsColor } from './io.ts';
import { type TargetOptions, targetsOf } from './targets.ts';

/** The options of `explain --effective`. */
export interface EffectiveOptions extends TargetOptions {
  readonly format: 'text' | 'json';
  readonly config?: string | boolean;
  readonly color: 'auto' | 'always' | 'never';
  readonly verbose: boolean;
}

/** Prints what is understood of an installation; exit status 3 if something could not be read. */
export async function effective(paths: readonly string[], options: EffectiveOptions, io: Io): Promise<number> {
  const { format } = options;
  const config = chosenConfig(options.config, io.cwd, new Set(familyOf.keys()));
  const site = config?.site ?? unknownSite;
  const gathered = await gather({ ...targetsOf(paths, options, io), excludes: config?.excludes });
  const understood = read(gathered.sources, gathered.lookup, gathered.compose);
  const { problems: faults, mentions } = understood;
  const { parts, maskOf, applied } = judgeAll(understood, {
    rules: allRules,
    familyOf,
    site,
    joined: config?.joined,
    policy: usualPolicy(io.today, config),
  });
  const components = parts.flatMap(({ installation, sources: [first] }) => {
    const mask = maskOf(first?.name ?? '');
    return mask.all(explainInstallation(installation, site, mask, applied.findings));
  });
  const masked = (problem: Problem): ReportedProblem => maskOf(problem.source).problem(problem);
  const mentioned = [...gathered.mentions, ...mentions].map(unread);
  const problems = distinctProblems([...gathered.problems, ...faults, ...mentioned]).map(masked);
  if (components.length === 0 && !problems.some(({ incomplete }) => incomplete)) problems.push(masked(nothing));
  const view: Masked<EffectiveView> = {
    tool: { name: 'drone-audit', version: io.version },
    components,
    problems: problems.sort(byPlace),
  };
  const { color, verbose } = options;
  io.out(
    format === 'json'
      ? effectiveJson(view)
      : [...withoutCommands([effectiveText(view, { color: wantsColor(color, io), width: io.width, verbose })])].join(
          '',
        ),
  );
  return statusOf(problems);
}

function unread({ source, line, what }: Mention): Problem {
  const message = say`has ${ownWords(what)} in it, and was not read`;
  return { kind: 'unsupported', source, line, message, incomplete: false };
}

const nothing: Problem = {
  kind: 'empty',
  source: '.',
  message: say`no Drone components found, so there was nothing to explain`,
  incomplete: true,
};
