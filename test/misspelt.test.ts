import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { didYouMean, nearest } from '../src/model/nearest.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';

function folderWith(...names: readonly string[]): string {
  const cwd = temporaryFolder();
  for (const name of names) writeFileSync(join(cwd, name), '');
  return cwd;
}

describe('a misspelt word on the command line', () => {
  it.each<[readonly string[], string | null, string?]>([
    [['scan', '--fail-on', 'hgih'], '--fail-on cannot be "hgih"\n  did you mean "high"?'],
    [['scan', '--fail-on', 'HIGH'], '--fail-on cannot be "HIGH"\n  did you mean "high"?'],
    [
      ['scan', '--fail-on', 'urgent'],
      '--fail-on cannot be "urgent"\n  known: critical, high, medium, low, info, never',
    ],
    [['scan', '--min-severity=mdeium'], '--min-severity cannot be "mdeium"\n  did you mean "medium"?'],
    [['scan', '--min-confidence', 'hihg'], '--min-confidence cannot be "hihg"\n  did you mean "high"?'],
    [['scan', '--form', 'copmose'], '--form cannot be "copmose"\n  did you mean "compose"?'],
    [['scan', '--trust', 'untrustd'], '--trust cannot be "untrustd"\n  did you mean "untrusted"?'],
    [['scan', '--color', 'allways'], '--color cannot be "allways"\n  did you mean "always"?'],
    [['scan', '--format', 'sairf'], '--format cannot be "sairf"\n  did you mean "sarif"?'],
    [['scan', '--format', 'constructor'], null],
    [['explain', '--effective', '--format', 'jsno'], '--format cannot be "jsno"\n  did you mean "json"?'],
    [['explain', '--file', 'x', '--format', 'sarif'], '--format cannot be "sarif"\n  known: text, json'],
    [['rules', '--format', 'markdwon'], '--format cannot be "markdwon"\n  did you mean "markdown"?'],
    [['rules', '--format', 'constructor'], '--format cannot be "constructor"\n  known: text, json, markdown'],
    [['scan', '-o', 'jsno:report'], null, 'did you mean "json:report"?'],
    [['scan', '-o', 'report.sairf'], null, 'did you mean "report.sarif"?'],
    [['scan', '-o', 'report.constructor'], null, 'write FORMAT:FILE, such as json:report'],
    [['scan', '--rule', 'weak-rpc-secrt'], 'there is no rule "weak-rpc-secrt"\n  did you mean "weak-rpc-secret"?'],
    [['scan', '--skip', 'Weak-RPC-secret'], 'there is no rule "Weak-RPC-secret"\n  did you mean "weak-rpc-secret"?'],
    [['explain', 'weak-rpc-secrt'], 'there is no rule "weak-rpc-secrt"\n  did you mean "weak-rpc-secret"?'],
    [['scan', '--controls', 'sco2'], 'there are no controls of "sco2"\n  did you mean "soc2"?'],
    [['scan', '--controls', 'pci'], null, 'known: owasp, cis-docker'],
    [
      ['scan', '--targets-from', 'lits.txt'],
      'the list of targets "lits.txt" cannot be read\n  did you mean "list.txt"?',
    ],
    [['scan', '--controls', 'iso'], 'there are no controls of "iso"\n  did you mean "iso27001"?'],
    [['scan', '--min-severity', 'med'], '--min-severity cannot be "med"\n  did you mean "medium"?'],
    [['scna', '--summary'], '"scna" is neither a command nor a path\n  did you mean "scan"?'],
    [['help', 'scna'], 'there is no command "scna"\n  did you mean "scan"?'],
    [['compose.yaml'], '"compose.yaml" is neither a command nor a path\n  did you mean "compose.yml"?'],
  ])('%j', (args, said, end) => {
    const { status, stdout, stderr } = droneAudit(args, { cwd: folderWith('compose.yml', 'list.txt') });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    if (said) expect(stderr).toBe(`drone-audit: ${said}\n`);
    else expect(stderr).toContain(end ?? '"constructor"');
  });

  it.each([
    [['scan', '--fial-on', 'high'], 'unknown option \'--fial-on\'\n  did you mean "--fail-on"?\n'],
    [['probe', 'secert'], 'unknown command \'secert\'\n  did you mean "secret"?\n'],
  ])('%j, which commander says in its own words', (args, said) => {
    const { status, stdout, stderr } = droneAudit(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(said);
  });

  it('is masked where it is a secret', () => {
    const secret = 'https://robot:hunter2@ci.example.com';
    for (const args of [
      ['scan', '--fail-on', secret],
      ['scan', '-o', secret],
      ['scan', '--rule', secret],
      ['scan', '--controls', secret],
      [secret],
      ['completion', secret],
      ['explain', secret],
    ]) {
      const { status, stderr } = droneAudit(args);
      expect(status).toBe(2);
      expect(stderr).not.toContain('hunter2');
    }
  });
});

describe('a path that is not there', () => {
  const said = (cwd: string, ...args: string[]): string =>
    droneAudit(['scan', ...args], { cwd }).stdout.replace(/\s+/g, ' ');

  it('gets the name of its folder that may be meant', () => {
    const cwd = folderWith('docker-compose.yml', 'other.txt');
    expect(said(cwd, 'docker-compse.yml')).toContain(
      'docker-compse.yml ERROR: is not there; did you mean "docker-compose.yml"?',
    );
    expect(said(cwd, '--compose-file', 'docker-compose.yaml')).toContain('did you mean "docker-compose.yml"?');
    expect(said(cwd, 'gone.yml')).not.toContain('did you mean');
    expect(said(cwd, 'gone/docker-compose.yml')).not.toContain('did you mean');
  });

  it('says it without what could act on a terminal', () => {
    const cwd = folderWith('a\u001b[31m.yml');
    const { stdout } = droneAudit(['scan', 'a[31m.yml'], { cwd });
    expect(stdout).toContain('did you mean "a\\u{1B}[31m.yml"?');
    expect(stdout).not.toContain('\u001b');
  });
});

describe('didYouMean', () => {
  it('takes letters of another case for the same, and says the rest where nothing is near', () => {
    expect(didYouMean('JSON', ['text', 'json'], 'no')).toBe('did you mean "json"?');
    expect(didYouMean('xyz', ['text', 'json'], 'no')).toBe('no');
  });

  it('does not compare what differs too much in length', () => {
    expect(nearest('a', ['abcd', 'ab'])).toBe('ab');
    expect(nearest('compose', ['x'.repeat(1_000_000)])).toBe(undefined);
  });
});
