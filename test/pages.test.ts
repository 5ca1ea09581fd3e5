import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyOf } from '../src/rules/all.ts';
import { droneAudit, temporaryFolder } from './support/cli.ts';
import { filesBelow } from './support/files-below.ts';

// What the written pages say can be checked: where links lead, that rules and tests of that name are there, and how
// sources are cited.

/** Each Markdown page that people read; those of rules are derived, and so are their links. */
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'AGENTS.md', 'CHANGELOG.md', 'bench/README.md'].concat(
  filesBelow('docs', '.md'),
);
const written = pages.filter((page) => !/^docs\/rules\/.+\//.test(page));
const textOf = (page: string): string => readFileSync(page, 'utf8');

/** Without what stands between fences: examples there name files of the reader. */
const prose = (text: string): string => text.replace(/^ *```[\s\S]*?^ *```/gm, '');

/** Targets of links and pictures. */
const linksIn = (text: string): readonly string[] => [
  ...[...prose(text).matchAll(/\]\(([^()\s]+)\)/g)].map((found) => found[1] ?? ''),
  ...[...prose(text).matchAll(/<(?:img|source|a)\b[^>]*\b(?:src|srcset|href)="([^"]+)"/g)].map(
    (found) => found[1] ?? '',
  ),
];

/** The name that a heading gets on a forge. */
const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...prose(textOf(page)).matchAll(/^#{1,6} (.+)$/gm)].map((found) => anchorOf(found[1] ?? ''));
  return new Set(
    headings.map((name, index) => {
      const before = headings.slice(0, index).filter((each) => each === name).length;
      return before === 0 ? name : `${name}-${before}`;
    }),
  );
}

/** Pages that others write meanwhile; the list goes when they are there. */
const toCome: ReadonlySet<string> = new Set([
  'docs/baselines.md',
  'docs/configuration.md',
  'docs/gate.md',
  'examples/gate/github/problem-matcher.json',
]);
/** The same of scripts of package.json. */
const scriptsToCome: ReadonlySet<string> = new Set(['executable']);

describe('a link', () => {
  it('within the repository leads to a file and a heading that are there', () => {
    const links = pages.flatMap((page) => linksIn(textOf(page)).map((link) => ({ page, link })));
    const inside = links.filter(({ link }) => !/^[a-z]+:/.test(link));
    const dead = inside.filter(({ page, link }) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(target)) return !toCome.has(target);
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
    });
    expect(inside.length).toBeGreaterThan(300);
    expect(dead.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
  });

  it('out of a written page leads to a standard, to documentation, or to an example', () => {
    const known = [
      'docs.drone.io',
      'github.com/drone/',
      // What the audit is compared with.
      'github.com/docker/docker-bench-security',
      'github.com/greylag-ci/cicd-goat',
      'pypi.org/project/pipeline-check/',
      'pre-commit.com',
    ];
    const reserved = /^(?:[\w-]+\.)*(?:example\.com|localhost|127\.0\.0\.1)(?:[:/]|$)/;
    const addresses = written.flatMap((page) =>
      [...textOf(page).matchAll(/\bhttps?:\/\/([^\s)>`"'\]]+)/g)].map((found) => ({ page, address: found[1] ?? '' })),
    );
    expect(addresses.length).toBeGreaterThan(5);
    expect(
      addresses
        .filter(({ address }) => !known.some((each) => address.startsWith(each)) && !reserved.test(address))
        .map((each) => Object.values(each).join(': ')),
    ).toEqual([]);
  });
});

describe('a page', () => {
  it('sends nobody to a package or an image of our name that anybody could publish', () => {
    const fetching =
      /(?<!Do not `)\b(?:npx|bunx|npm exec|pnpm dlx|yarn dlx) (?:-\S+ )*drone-audit\b|\bnpm (?:i|install|add) (?:-\S+ )*drone-audit\b|\bdocker (?:pull|run)\b[^\n`]* (?:docker\.io\/|ghcr\.io\/)?[\w-]+\/drone-audit\b/;
    expect(written.filter((page) => fetching.test(textOf(page)))).toEqual([]);
    expect(fetching.test('- run: npx --yes drone-audit scan .')).toBe(true);
    expect(fetching.test('npm install --global ./drone-audit-0.1.0.tgz')).toBe(false);
  });
});

describe('README.md', () => {
  const manifest: { version: string; scripts: Record<string, string> } = JSON.parse(textOf('package.json'));

  it('names scripts that there are, and the package by the version that it has', () => {
    const named = written.flatMap((page) => [...textOf(page).matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)]);
    const scripts = named.map((found) => found[1] ?? '');
    expect(scripts).toContain('build');
    expect(scripts.filter((name) => !(name in manifest.scripts) && !scriptsToCome.has(name))).toEqual([]);
    expect(textOf('README.md')).toContain(`./drone-audit-${manifest.version}.tgz`);
  });

  it('has the commands for a start, without which nobody gets on', () => {
    expect(textOf('README.md')).toMatch(/^npm start\b[\s\S]*^npm test\b/m);
  });
});

describe('docs/how-drone-works.md', () => {
  const page = textOf('docs/how-drone-works.md');
  const sections = page.split(/^### /m).slice(1);
  const linesOf = (section: string, begins: string): string =>
    new RegExp(`^${begins}[\\s\\S]*?(?:\\n\\n|$(?![\\s\\S]))`, 'm').exec(section)?.[0] ?? '';

  it('has a belief and a source in each section, and rules unless it says why not', () => {
    expect(sections.length).toBeGreaterThan(30);
    const wanting = sections.filter(
      (section) =>
        !/^\*Belief: [\s\S]+?\*$/m.test(section) ||
        linesOf(section, 'Source: ') === '' ||
        (linesOf(section, 'Rules: ') === '' && !section.includes('No rule looks for it: ')),
    );
    expect(wanting.map((section) => section.split('\n')[0])).toEqual([]);
  });

  it('cites as repository@commit path:lines, at a state that stands in its table', () => {
    const states = new Map(
      [...page.slice(page.indexOf('\n## Sources')).matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map((found) => [
        found[1] ?? '',
        found[2] ?? '',
      ]),
    );
    const citations = page
      .split(/^(?=Source: )/m)
      .slice(1)
      .flatMap((part) => [...linesOf(part, 'Source: ').matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? ''));
    const wrong = citations.filter((citation) => {
      const [, repository = '', state = '', from = '', to] =
        /^([\w-]+\/[\w-]+)@([0-9a-f]{7}|v[\d.]+) [\w./-]+:(\d+)(?:-(\d+))?$/.exec(citation) ?? [];
      return !states.get(repository)?.includes(`\`${state}\``) || (to !== undefined && Number(from) >= Number(to));
    });
    expect(citations.length).toBeGreaterThan(100);
    expect(wrong).toEqual([]);
    expect([...states.keys()].filter((name) => !citations.some((each) => each.startsWith(`${name}@`)))).toEqual([]);
  });

  it('names rules that there are, as what they are called', () => {
    const named = [...page.matchAll(/\[([a-z0-9-]+)\]\(rules\/([a-z]+)\/([a-z0-9-]+)\.md\)/g)];
    expect(named.length).toBeGreaterThan(100);
    expect(
      named.filter(([, text, family, id]) => text !== id || familyOf.get(id ?? '') !== family).map(String),
    ).toEqual([]);
  });
});

describe('controls that do nothing, in docs/how-drone-works.md', () => {
  const server = {
    DRONE_GITEA_SERVER: 'https://git.example.com',
    DRONE_RPC_SECRET_FILE: '/run/secrets/rpc',
    DRONE_USER_CREATE: 'false',
    DRONE_OPEN: 'false',
    DRONE_ADMIN: 'octocat',
    DRONE_SECRET: '${SECRET}',
    DRONE_WEBHOOK_SKIP_VERIFY: 'true',
  };
  const runner = {
    DRONE_RPC_ADDR: 'drone:3000',
    DRONE_RPC_SECRET: '${SECRET}',
    DRONE_RUNNER_ENV_FILE: '/etc/drone/enabled-plugins.json',
    DRONE_DOCKER_PRIVILEGED: 'false',
    DRONE_DOCKER_NETWORK_DISABLED: 'false',
    DRONE_UI_DISABLE: 'true',
    DRONE_UI_PASSWORD: '${PASSWORD}',
    DRONE_RUNNER_DEVICES: '/dev/kvm',
    DRONE_RUNNER_PRIVILEGED_IMAGES: '',
  };
  const compose = {
    services: {
      drone: { image: 'drone/drone:2.28.2', environment: server },
      runner: {
        image: 'drone/drone-runner-docker:1.8.5',
        environment: runner,
        volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro'],
      },
    },
  };
  const pipeline = {
    kind: 'pipeline',
    name: 'default',
    privileged: false,
    steps: [{ name: 'publish', image: 'plugins/docker', settings: { repo: 'a/b' } }],
  };

  it('are told by the rules of the table', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'docker-compose.yml'), JSON.stringify(compose));
    writeFileSync(join(folder, '.drone.yml'), JSON.stringify(pipeline));
    const { stdout } = droneAudit(['scan', folder, '--format', 'json', '--min-severity', 'info']);
    const { findings }: { findings: { rule: string; consequences?: { rule: string }[] }[] } = JSON.parse(stdout);
    const told = new Set(
      findings.flatMap(({ rule, consequences = [] }) => [rule, ...consequences.map((each) => each.rule)]),
    );
    const table =
      textOf('docs/how-drone-works.md').split('\n## Controls that do nothing\n')[1]?.split('\n## ')[0] ?? '';
    const named = [...table.matchAll(/\]\(rules\/[a-z]+\/([a-z0-9-]+)\.md\)/g)].map((found) => found[1] ?? '');
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((rule) => !told.has(rule))).toEqual([]);
    const settings = Object.keys({ ...server, ...runner });
    expect(
      [...table.matchAll(/`(DRONE_\w+)/g)].map((found) => found[1]).filter((name) => !settings.includes(name ?? '')),
    ).toEqual(['DRONE_RPC_HOST', 'DRONE_RPC_PROTO', 'DRONE_CRON_DISABLED']);
  });
});

describe('docs/threat-model.md', () => {
  const rows = textOf('docs/threat-model.md')
    .split('\n## What it never does')[1]
    ?.split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:promise|---)/.test(line));

  it('proves each promise by tests that there are', () => {
    const tests = (rows ?? []).map((row) => [...row.matchAll(/`(test\/[^`]+\.test\.ts): ([^`]+)`/g)]);
    expect(tests.length).toBeGreaterThan(25);
    expect((rows ?? []).filter((_, index) => tests[index]?.length === 0)).toEqual([]);
    const gone = tests.flat().filter(([, file = '', name = '']) => {
      const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      // As the name of a test: behind the bracket of its call, or behind that of its table.
      return !existsSync(file) || !new RegExp(`(?:\\b(?:it|test)\\(|\\)\\()\\s*'${quoted}'`).test(textOf(file));
    });
    expect(gone.map(([citation]) => citation)).toEqual([]);
  });
});
