import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Problem } from '../../model/report.ts';
import { slugOfAddress } from '../../model/repository-address.ts';
import type { Build, CronJob, Repository } from '../../model/server.ts';
import type { Located, Source } from '../../model/source.ts';
import { joinTexts, say, type Text } from '../../model/text.ts';
import { field } from '../yaml/tree.ts';
import { Entry, entriesOf, rootOf } from './answer.ts';
import { readStoredSecret } from './stored-secret.ts';

/**
 * A repository with its secrets, cron jobs and newest builds, as the server answered (harness/drone core/repo.go:34-69,
 * core/secret.go, core/cron.go, core/build.go, core/stage.go). What could not be asked is null.
 */
export function readRepository(source: Source): Reading {
  const { root, problems: broken } = rootOf(source, 'map');
  if (!root) return { ...emptyReading, problems: broken };
  const facts = field(root, 'repository')?.value;
  const entry = facts?.kind === 'map' ? new Entry(source, facts, 'repository') : undefined;
  const problems: Problem[] = [];
  const whole = new Entry(source, root, '');
  const list = <T>(key: string, what: Text, read: (entry: Entry) => T | undefined): readonly T[] | undefined => {
    const nodes = whole.list(key);
    return nodes && entriesOf(source, nodes, what, read, problems, key);
  };
  const repository =
    entry &&
    readFacts(entry, {
      secrets: list('secrets', say`secrets`, readStoredSecret),
      crons: list('cron', say`cron jobs`, readCron),
      builds: list('builds', say`builds`, (each) => readBuild(each, problems)),
      logHits: list('logHits', say`places in logs`, readLogHit),
    });
  if (!repository || entry.faults.length > 0) {
    const faults = entry?.faults ?? [];
    const why = faults.length > 0 ? say`: the wrong kind of value under ${keys(faults)}` : '';
    return { ...emptyReading, problems: [malformed(source, say`is not a repository as a server describes it${why}`)] };
  }
  if (whole.faults.length > 0) problems.push(malformed(source, say`holds no list under ${keys(whole.faults)}`));
  return { ...emptyReading, repositories: [repository], problems };
}

function malformed(source: Source, message: Text): Problem {
  return { kind: 'malformed', source: source.name, message, incomplete: true };
}

function keys(names: readonly string[]): Text {
  return joinTexts(
    names.map((name) => say`"${name}"`),
    ', ',
  );
}

type Lists = Pick<Repository, 'secrets' | 'crons' | 'builds' | 'logHits'>;

/** In one piece: a copy of what large servers have by the ten thousand takes several times as much memory. */
function readFacts(entry: Entry, { secrets, crons, builds, logHits }: Lists): Repository | undefined {
  const { value: slug, at } = entry.text('slug');
  const end = slug.lastIndexOf('/');
  if (end <= 0 || end === slug.length - 1) return undefined;
  const namespace = entry.text('namespace').value;
  const isPrivate = entry.flag('private');
  return {
    kind: 'repository',
    owner: entry.source.name,
    label: say`repository "${slug}"`,
    at,
    id: entry.number('id').value,
    slug,
    namespace: namespace === '' ? slug.slice(0, end) : namespace,
    addressSlug: slugOfAddress(entry.text('git_http_url').value),
    userId: entry.number('user_id'),
    active: entry.flag('active'),
    trusted: entry.flag('trusted'),
    protected: entry.flag('protected'),
    ignoreForks: entry.flag('ignore_forks'),
    ignorePullRequests: entry.flag('ignore_pull_requests'),
    private: isPrivate,
    visibility: visibilityOf(entry),
    configPath: entry.text('config_path'),
    defaultBranch: entry.text('default_branch'),
    timeout: entry.number('timeout'),
    throttle: entry.number('throttle'),
    archived: entry.flag('archived'),
    secrets,
    crons,
    builds,
    logHits,
  };
}

/** One that was never activated has none; guests see only what is public (harness/drone handler/api/acl/check.go). */
function visibilityOf(entry: Entry): Located<'public' | 'private' | 'internal'> {
  const { value, at } = entry.text('visibility');
  if (value === 'public' || value === 'private' || value === 'internal') return { value, at };
  if (value !== '') entry.faults.push('visibility');
  return { value: 'private', at };
}

function readCron(entry: Entry): CronJob | undefined {
  const { value: name, at } = entry.text('name');
  if (name === '') return undefined;
  return {
    name,
    branch: entry.text('branch'),
    disabled: entry.flag('disabled').value,
    at,
  };
}

function readBuild(entry: Entry, problems: Problem[]): Build | undefined {
  const { value: number, at } = entry.number('number');
  if (number <= 0) return undefined;
  const isLost = entry.isNull('stages');
  const listed = entry.list('stages') ?? [];
  const what = say`stages of a build`;
  const stages = entriesOf(entry.source, listed, what, readStage, problems, `${entry.path}.stages`);
  return {
    number,
    event: entry.text('event').value,
    status: entry.text('status').value,
    trigger: entry.text('trigger').value,
    sourceRepo: entry.text('source_repo').value,
    cron: entry.text('cron').value,
    debug: entry.flag('debug').value,
    created: entry.number('created').value,
    finished: entry.number('finished').value,
    ...(isLost ? {} : { stages }),
    at,
  };
}

function readStage(entry: Entry): NonNullable<Build['stages']>[number] | undefined {
  const machine = entry.text('machine');
  return {
    name: entry.text('name').value,
    status: entry.text('status').value,
    ...(machine.value === '' ? {} : { machine }),
  };
}

function readLogHit(entry: Entry): NonNullable<Repository['logHits']>[number] | undefined {
  const { value: build, at } = entry.number('build');
  const [stage, step] = [entry.number('stage').value, entry.number('step').value];
  const form = entry.text('form').value;
  if (build <= 0 || form === '') return undefined;
  return { build, stage, step, form, at };
}
