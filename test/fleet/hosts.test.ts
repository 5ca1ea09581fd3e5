import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { droneAudit, runBeside, runCommand, temporaryFolder, tool } from '../support/cli.ts';
import { writeEstate } from './estate.ts';

// examples/fleet/parallel on hosts that are network namespaces: as root, with parallel, openssh-server and iproute2.

const scripts = ['examples/fleet/parallel/audit-fleet.sh', 'scripts/fleet-hosts.sh'] as const;
const [script, hostsScript] = [resolve(scripts[0]), resolve(scripts[1])];

/** Hosts that see the same repositories. On `mortal.host` no scan gets on from its `mortal.scan`th on: there it can die. */
function fleet(count: number, mortal: { readonly host: number; readonly scan: number }) {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  writeEstate(at('all repositories'));
  writeFileSync(at('scans'), '');
  writeFileSync(
    at('drone-audit'),
    `#!/bin/sh
if [ "$1 $FLEET_HOST" = "scan ${mortal.host}" ]; then
  echo >>${at('scans')}
  if [ "$(wc -l <${at('scans')})" -ge ${mortal.scan} ]; then
    touch ${at('halfway')}
    sleep 600
  fi
fi
exec ${tool.join(' ')} "$@"
`,
  );
  chmodSync(at('drone-audit'), 0o755);
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    PARALLEL_SSH: `ssh -F ${at('hosts/ssh_config')} -o ConnectTimeout=3 -o ServerAliveInterval=2`,
  };
  const hosts = (...args: string[]) => runCommand('bash', [hostsScript, ...args], { env });
  onTestFinished(() => void hosts('down', at('hosts')));
  expect(hosts('up', at('hosts'), String(count))).toEqual({ status: 0, stdout: '', stderr: '' });

  /** Audits the repositories in six shards. */
  const audit = (list: string) =>
    runBeside('bash', [hostsScript, 'on', at('hosts'), script, list, '6', at('run'), at('all repositories')], { env });
  /** What became of each shard: its host and the status of its last try, in the order of their ends. */
  const jobs = () =>
    readFileSync(at('run/jobs.log'), 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split('\t'))
      .map(([shard, host, , , , , status]) => ({ shard: Number(shard), host, status: Number(status) }));
  async function diesHalfway(): Promise<void> {
    while (!existsSync(at('halfway'))) await setTimeout(100);
    expect(hosts('kill', at('hosts'), String(mortal.host)).status).toBe(0);
  }
  return { at, audit, jobs, diesHalfway };
}

describe.skipIf(process.env.DRONE_AUDIT_TEST_HOSTS !== '1')('hosts with ssh (DRONE_AUDIT_TEST_HOSTS=1)', () => {
  it('audit as one, though one of three dies', async () => {
    const { at, audit, jobs, diesHalfway } = fleet(3, { host: 2, scan: 2 });
    const [{ status, stderr }] = await Promise.all([audit(at('hosts/hosts')), diesHalfway()]);
    const whole = droneAudit(['scan', at('all repositories'), '-o', at('whole.json')], { cwd: '/' });
    expect({ status }, stderr).toEqual({ status: whole.status });
    expect(readFileSync(at('run/report.json'), 'utf8')).toBe(readFileSync(at('whole.json'), 'utf8'));
    expect(
      jobs()
        .map(({ shard }) => shard)
        .sort(),
    ).toEqual([1, 2, 3, 4, 5, 6]);
    // Its first shard is its own; the second ended elsewhere.
    expect(jobs().filter(({ host }) => host === 'root@192.0.2.12')).toHaveLength(1);
  });

  it('say which shards are missing where none is left, and others take up what is', async () => {
    const { at, audit, jobs, diesHalfway } = fleet(2, { host: 1, scan: 4 });
    const [first, second] = readFileSync(at('hosts/hosts'), 'utf8').trimEnd().split('\n');
    writeFileSync(at('first'), `${first}\n`);
    writeFileSync(at('second'), `${second}\n`);

    const [{ status, stderr }] = await Promise.all([audit(at('first')), diesHalfway()]);
    expect(status).toBe(2);
    expect(stderr).toContain('drone-audit: parts 4, 5, 6 of 6 are missing');
    expect(existsSync(at('run/report.json'))).toBe(false);

    const again = await audit(at('second'));
    const whole = droneAudit(['scan', at('all repositories'), '-o', at('whole.json')], { cwd: '/' });
    expect({ status: again.status }, again.stderr).toEqual({ status: whole.status });
    expect(readFileSync(at('run/report.json'), 'utf8')).toBe(readFileSync(at('whole.json'), 'utf8'));
    const ended = jobs().filter((job) => job.status === 0);
    expect(ended.filter(({ host }) => host === 'root@192.0.2.11').map(({ shard }) => shard)).toEqual([1, 2, 3]);
    expect(ended.filter(({ host }) => host === 'root@192.0.2.12').map(({ shard }) => shard)).toEqual([4, 5, 6]);

    const third = await audit(at('second'));
    expect(third).toMatchObject({ status: 2, stderr: expect.stringContaining('name another folder') });
  });
});

const parallel = runCommand('parallel', ['--version']).status === 0;

describe.skipIf(!parallel)('this host alone (parallel)', () => {
  function alone() {
    const folder = temporaryFolder();
    const at = (name: string): string => join(folder, name);
    const audit = (...args: string[]) =>
      runCommand('bash', [script, at('hosts'), ...args], {
        env: { PATH: `${folder}:${process.env.PATH}`, HOME: folder },
      });
    writeEstate(at('repositories'));
    writeFileSync(at('hosts'), '1/:\n');
    writeFileSync(at('drone-audit'), `#!/bin/sh\nexec ${tool.join(' ')} "$@"\n`);
    chmodSync(at('drone-audit'), 0o755);
    return { at, audit };
  }

  it('says why no shard has ended', () => {
    const { at, audit } = alone();
    const { status, stderr } = audit('2', at('wrong'), '--nope', at('repositories'));
    expect(status).toBe(2);
    expect(stderr).toContain(
      `audit-fleet: ${at('wrong/output/1.err')} ends with:\ndrone-audit: unknown option '--nope'\n`,
    );
  });

  it('refuses a folder that was begun with another number of shards', () => {
    const { at, audit } = alone();
    audit('2', at('run'), '--nope');
    const said = audit('3', at('run'), at('repositories'));
    expect(said).toMatchObject({ status: 2, stderr: expect.stringContaining('was begun with 2 shards') });
    expect(existsSync(at('run/report.json'))).toBe(false);
    expect(audit('2', at('run'), at('repositories')).status).toBe(1);
    expect(existsSync(at('run/report.json'))).toBe(true);
  });
});

const shellcheck = runCommand('shellcheck', ['--version']).status === 0;

test.skipIf(!shellcheck).each(scripts)('%s is as shellcheck wants it (shellcheck)', (path) => {
  expect(runCommand('shellcheck', [path])).toEqual({ status: 0, stdout: '', stderr: '' });
});
