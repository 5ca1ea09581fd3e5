import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { applyPolicy, type Policy, type PolicyResult, usualPolicy } from '../../src/apply-policy.ts';
import { installationsOf, masksOf } from '../../src/installations.ts';
import { type Judgement, judge } from '../../src/judge.ts';
import type { Lookup } from '../../src/model/reading.ts';
import type { AnyRule, Hit } from '../../src/model/rule.ts';
import type { Repository } from '../../src/model/server.ts';
import { type Site, unknownSite } from '../../src/model/site.ts';
import { type Form, lineOf, type Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { type ReadResult, read } from '../../src/read.ts';
import { recognise } from '../../src/readers/recognise.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { everything } from './audit-folder.ts';

/** One idea: a file, or a folder of files that belong together. */
export interface Fixture {
  readonly name: string;
  /** All its files by name, those of no known form too. */
  readonly texts: ReadonlyMap<string, string>;
  readonly sources: readonly Source[];
}

const formOfEnding: readonly (readonly [string, Form])[] = [
  ['.drone.yml', 'drone'],
  ['.drone.star', 'starlark'],
  ['.drone.jsonnet', 'jsonnet'],
  ['.compose.yml', 'compose'],
  ['.docker.env', 'docker-env'],
  ['.env', 'env'],
  ['.daemon.service', 'docker-daemon'],
  ['.service', 'systemd'],
  ['.k8s.yml', 'kubernetes'],
  ['.values.yml', 'helm-values'],
  ['.sh', 'docker-run'],
  ['.md', 'docker-run'],
  ['.inspect.yml', 'docker-inspect'],
  ['.swarm.yml', 'docker-service'],
  ['.engine.yml', 'docker-engine'],
  ['.log.yml', 'docker-log'],
  ['.daemon.yml', 'docker-daemon'],
  ['.endpoint.yml', 'drone-endpoint'],
  ['.accounts.yml', 'drone-accounts'],
  ['.repository.yml', 'drone-repository'],
  ['.organization.yml', 'drone-organization-secrets'],
  ['.probe.yml', 'extension-probe'],
];

function sourceOf(name: string, text: string): Source | undefined {
  const form = formOfEnding.find(([ending]) => name.endsWith(ending))?.[1] ?? recognise(name, text);
  if (!form) return undefined;
  // `# git: tracked` or `# git: untracked`: what git says of this file; without it that is not known.
  const git = /#\s*git:\s*(tracked|untracked)\s*$/m.exec(text)?.[1];
  // `# mode: 644`: its permission bits, which git does not keep.
  const mode = /#\s*mode:\s*([0-7]{3})\s*$/m.exec(text)?.[1];
  // `# seen: 2026-11-21T12:00:00Z`: the clock of what answered.
  const seenAt = /#\s*seen:\s*(\S+)\s*$/m.exec(text)?.[1];
  // `# slug: octocat/hello-world`: what the SCM calls the repository that a pipeline lies in.
  const slug = /#\s*slug:\s*(\S+)\s*$/m.exec(text)?.[1];
  // `# name: docker://drone`: the name of an answer, where it matters.
  const answer = /#\s*name:\s*(\S+)\s*$/m.exec(text)?.[1];
  return {
    name: answer ?? name,
    form,
    text,
    seenAt,
    slug: slug ?? (storedIn(text) === undefined ? undefined : storedSlug),
    tracked: git === undefined ? undefined : git === 'tracked',
    mode: mode === undefined ? undefined : Number.parseInt(mode, 8),
  };
}

/** The names of the fixtures in a folder, without the patches beside them. */
export function fixturesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.patch'))
    .sort();
}

export function readFixture(path: string, name: string): Fixture {
  return fixtureOf(name, textsOf(path, name));
}

/** The files of a fixture, by the names that they have in it. */
export function textsOf(path: string, name: string): ReadonlyMap<string, string> {
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [path];
  return new Map(
    files.sort().map((file) => [files.length > 1 ? relative(path, file) : name, readFileSync(file, 'utf8')]),
  );
}

/** A fixture of these files; one alone has the fixture's name. */
export function fixtureOf(name: string, texts: ReadonlyMap<string, string>): Fixture {
  return { name, texts, sources: [...texts].flatMap(([file, text]) => sourceOf(file, text) ?? []) };
}

/** Finds files among the fixture's own. */
export function lookupAmong({ sources, texts }: Fixture): Lookup {
  return (from, path, form) => {
    const base = from.name.includes('/') ? from.name.slice(0, from.name.lastIndexOf('/') + 1) : '';
    const name = `${base}${path}`
      .replace(/(?:^|\/)\.\//g, '/')
      .replace(/^\//, '')
      .replace(/[^/]+\/\.\.\//g, '');
    const known = sources.find((source) => source.name === name);
    if (known) return { ...known, form };
    const text = texts.get(name);
    if (text !== undefined) return { name, form, text };
    return { kind: 'unreadable', source: name, message: say`is not there`, incomplete: true };
  };
}

export interface Seen {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly severity: string;
}

/** What one rule says of a fixture, each hit as `file:line rule severity`. */
export function hitsOf(rule: AnyRule, fixture: Fixture): readonly (Seen & { hit: Hit })[] {
  return judgementsOf([rule], fixture, read(fixture.sources, lookupAmong(fixture))).flatMap(({ verdicts }) =>
    verdicts.map(({ hit }) => ({
      file: hit.at.source.name,
      line: lineOf(hit.at),
      rule: rule.id,
      severity: hit.severity ?? rule.severity,
      hit,
    })),
  );
}

/** What a scan of a fixture says with all rules; unless `policy` says otherwise, however small or unsure. */
export function findingsIn(
  fixture: Fixture,
  policy: Policy = { ...usualPolicy('2026-11-21'), ...everything },
): Pick<PolicyResult, 'findings' | 'problems'> {
  const understood = read(fixture.sources, lookupAmong(fixture));
  const judgements = judgementsOf(allRules, fixture, understood);
  const { findings, problems } = applyPolicy(
    judgements.flatMap(({ verdicts }) => verdicts),
    [],
    understood.sources,
    familyOf,
    policy,
    masksOf(installationsOf(understood), understood.secrets),
  );
  const found = [...problems, ...understood.problems, ...judgements.flatMap(({ faults }) => faults)];
  return { findings, problems: found };
}

/** The fixes of a rule's findings in one of its fixtures, in the order of a report; fails where there are none. */
export function fixesOf(rule: string, fixture: string): readonly string[] {
  const path = join('test/fixtures/rules', familyOf.get(rule) ?? '', rule, fixture);
  const { findings } = findingsIn(readFixture(path, fixture));
  const fixes = findings.filter((finding) => finding.rule === rule).map(({ fix }) => fix);
  if (fixes.length === 0) throw new Error(`${rule} finds nothing in ${fixture}`);
  return fixes;
}

function judgementsOf(rules: readonly AnyRule[], fixture: Fixture, understood: ReadResult): readonly Judgement[] {
  const repositories = fixture.sources.flatMap((source) => storedRepository(source) ?? []);
  return installationsOf(understood).map(({ installation }) =>
    judge({ ...installation, repositories: [...installation.repositories, ...repositories] }, rules, siteOf(fixture)),
  );
}

/** `# expect: id severity` on the line, `# expect[-1]: id severity` for the line before; several after commas. */
export function expectationsOf(fixture: Fixture): readonly Seen[] {
  return fixture.sources.flatMap((source) =>
    source.text.split('\n').flatMap((text, index) => {
      const found = /#\s*expect(?:\[([+-]\d+)\])?:\s*(.+?)\s*(?:["',]*\s*)$/.exec(text);
      if (!found) return [];
      return (found[2] ?? '').split(',').map((item) => {
        const [rule = '', severity = ''] = item.trim().split(/\s+/);
        return { file: source.name, line: index + 1 + Number(found[1] ?? 0), rule, severity };
      });
    }),
  );
}

/** `# site: trust=untrusted scm=public pipelineTypes=nspawn allRunners=true` anywhere in the fixture. */
function siteOf(fixture: Fixture): Site {
  const words = fixture.sources.flatMap(
    (source) => /#\s*site:\s*(.+)$/m.exec(source.text)?.[1]?.trim().split(/\s+/) ?? [],
  );
  const entries = words.map((word): readonly [string, unknown] => {
    const [key = '', value = ''] = word.split('=');
    if (key === 'allRunners') return [key, value === 'true'];
    const isText = key === 'trust' || key === 'scm';
    return [key, isText ? value : value.split(',')];
  });
  return { ...unknownSite, ...Object.fromEntries(entries) };
}

const storedSlug = 'octocat/stored';

function storedIn(text: string): string | undefined {
  return /#\s*stored:\s*(.+)$/m.exec(text)?.[1]?.trim();
}

/** `# stored: token=released password=withheld`: what a server says of its secrets in builds of pull requests. */
function storedRepository(source: Source): Repository | undefined {
  const stored = storedIn(source.text);
  if (stored === undefined) return undefined;
  const at = { source, path: '', span: { start: 0, end: 0 } };
  const located = <T>(value: T) => ({ value, at });
  return {
    kind: 'repository',
    owner: storedSlug,
    label: say`repository "${storedSlug}"`,
    at,
    slug: storedSlug,
    namespace: 'octocat',
    active: located(true),
    trusted: located(false),
    protected: located(false),
    ignoreForks: located(false),
    ignorePullRequests: located(false),
    private: located(false),
    visibility: located('public'),
    configPath: located('.drone.yml'),
    defaultBranch: located('main'),
    timeout: located(60),
    throttle: located(0),
    archived: located(false),
    secrets: stored.split(/\s+/).map((entry) => {
      const [name = '', release] = entry.split('=');
      return { name, pullRequest: release === 'released', pullRequestPush: false, at };
    }),
  };
}
