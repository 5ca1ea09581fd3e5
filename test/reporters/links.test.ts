import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type Format, formats } from '../../src/commands/formats.ts';
import { render } from '../../src/commands/output.ts';
import { rulePageUrl } from '../../src/reporters/home.ts';
import { sarifReport } from '../../src/reporters/sarif.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { auditFolder } from '../support/audit-folder.ts';
import { whole } from '../support/text.ts';

/** Who publishes what rules cite. None of them is the project, and none can be registered by somebody else. */
const publishers = new Set([
  ...['docs.drone.io', 'plugins.drone.io', 'github.com/harness', 'github.com/drone'],
  ...['owasp.org', 'cheatsheetseries.owasp.org', 'cwe.mitre.org', 'nvd.nist.gov', 'www.cisecurity.org', 'slsa.dev'],
  ...['json.schemastore.org', 'yaml.org', 'pubs.opengroup.org', 'trojansource.codes'],
  ...['docs.docker.com', 'hub.docker.com', 'github.com/moby', 'github.com/opencontainers', 'kubernetes.io'],
  ...['github.com/Tecnativa', 'github.com/meltwater', 'github.com/nestybox', 'containrrr.dev', 'docs.linuxserver.io'],
  ...['cloud.google.com', 'docs.aws.amazon.com', 'docs.github.com', 'developer.hashicorp.com', 'docs.sigstore.dev'],
  ...['alpinelinux.org', 'man7.org', 'man.openbsd.org', 'www.freedesktop.org', 'git-scm.com', 'curl.se'],
  ...['docs.npmjs.com', 'pip.pypa.io', 'pkg.go.dev', 'endoflife.date'],
]);
/** Names that are set aside for examples, and addresses of the machine itself (RFC 2606, RFC 6761). */
const setAside = /^(?:[\w-]+\.)*example\.(?:com|org|net)$|\.invalid$|^localhost$|^127\.0\.0\.1$|^github\.com\/octocat$/;

/** The hosts of a text's addresses, on GitHub with the owner. */
function hostsIn(text: string): readonly string[] {
  const hosts = [...text.matchAll(/https?:\/\/(?:[^\s/@]*@)?([\w.-]+)(?::\d+)?(\/[\w.-]+)?/g)].map(
    ([, host = '', path = '']) => (host === 'github.com' ? host + path : host),
  );
  return [...new Set(hosts)].sort();
}

const foreign = (text: string): readonly string[] =>
  hostsIn(text).filter((host) => !publishers.has(host) && !setAside.test(host));

const look = {
  ...{ color: false, width: 80, verbose: true, summary: false, rules: allRules, familyOf },
  cardTemplate: 'https://ci.example.com/card.json',
};

describe('a report', async () => {
  const report = await auditFolder('examples/careless');

  it.each(formats)('as %s links to no address but those of publishers', async (format: Format) => {
    expect(foreign(whole(await render(format, report, look)))).toEqual([]);
  });

  it('as SARIF brings the page of a rule with it', () => {
    const { rules } = JSON.parse(whole(sarifReport(report, allRules, familyOf))).runs[0].tool.driver;
    for (const { help, helpUri } of rules) {
      expect(help.markdown).toMatch(/^# .+\n\n[\s\S]+\n\n## Fix\n\n/);
      expect(helpUri).toBeUndefined();
    }
  });

  it('as SARIF links to the pages of a project that has an address', () => {
    const home = 'https://audit.example.com/drone-audit/';
    const { driver } = JSON.parse(whole(sarifReport(report, allRules, familyOf, home))).runs[0].tool;
    expect(driver.informationUri).toBe(home);
    for (const { id, helpUri } of driver.rules)
      expect(helpUri).toBe(`https://audit.example.com/drone-audit/docs/rules/${familyOf.get(id)}/${id}.md`);
  });
});

test('the page of a rule is where GitHub shows files, or below any other homepage', () => {
  expect(rulePageUrl('https://github.com/octocat/audit#readme', 'rpc', 'weak-rpc-secret')).toBe(
    'https://github.com/octocat/audit/blob/HEAD/docs/rules/rpc/weak-rpc-secret.md',
  );
  expect(rulePageUrl('https://audit.example.com', 'rpc', 'weak-rpc-secret')).toBe(
    'https://audit.example.com/docs/rules/rpc/weak-rpc-secret.md',
  );
});

test('rules cite no address but those of publishers', () => {
  for (const rule of allRules) expect(foreign(rule.refs.join('\n')), `refs of ${rule.id}`).toEqual([]);
});

test('nothing that is shipped has an address for the project but package.json', () => {
  const { homepage } = JSON.parse(readFileSync('package.json', 'utf8'));
  const shipped = ['src', 'schemas', 'docs', 'examples', 'bin']
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const ours = [...shipped, 'README.md', 'SECURITY.md', 'CONTRIBUTING.md'].flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/https?:\/\/[\w./-]*drone-audit[\w./-]*/g)]
      .map(([address]) => address)
      .filter((address) => !setAside.test(new URL(address).hostname) && !(homepage && address.startsWith(homepage)))
      .map((address) => `${file}: ${address}`),
  );
  expect(ours).toEqual([]);
});
