import type { Report } from '../../src/model/report.ts';
import type { Masked } from '../../src/model/text.ts';
import type { ToldStep, ToldWay, ToldWays } from '../../src/model/ways.ts';
import { masked } from '../support/text.ts';
import { finding, place, privilegedStep, report, source } from './sample-report.ts';

/** A name that would clear the screen, turn text around, hide some and break encoders. */
export const hostileName = 'a\x1b[2J\r\n\u009b31m\u202egpj\u200b\ud800\ufffe\uffff b/ü#?%.yml';

/** A report in which everything that comes from files is hostile. */
export function hostileReport(): Report {
  const text = `\tkey:\t"\x1b]0;owned\x07${hostileName}"\r\nnext: \u2066x\n${'z'.repeat(1_000_000)}needle${'y'.repeat(1_000_000)}\n🚀: 日本`;
  const file = source(hostileName, text);
  const live = source(`docker://${hostileName}`, '{"Name": "x"}', 'docker-inspect');
  const name = masked(hostileName);
  const said = `step "${hostileName}" runs [this](https://evil.example.com) \`\`\` <script>`;
  const message = masked(said);
  return report(
    [
      finding(privilegedStep, place(file, 'owned', hostileName), message, {
        label: name,
        reach: name,
        related: [
          { at: place(live, 'x', hostileName), message },
          { at: place(file, 'needle'), message },
        ],
      }),
      finding(privilegedStep, place(file, 'needle', 'z'), message, { label: masked('another') }),
      finding(privilegedStep, place(file, '🚀', 'z'), message, {
        suppressed: { by: 'config', reason: name, where: hostileName },
      }),
      finding(privilegedStep, place(live, 'Name', ''), message),
    ],
    {
      problems: [{ kind: 'unreadable', source: hostileName, line: 1, message, incomplete: true }],
      sources: [],
      coverage: {
        files: 1,
        pipelines: 1,
        containers: 1,
        components: 0,
        mentions: [],
        notAsked: [hostileName],
        probed: [],
        unknown: [{ source: hostileName, line: 1, message }],
        inconclusive: [{ rule: 'privileged-step', source: hostileName, line: 1, message }],
      },
      config: {
        ...{ name: hostileName, suppressed: 1, excluded: 0, accepted: 0, entries: [] },
        files: [{ name: hostileName, by: 'config', isAudited: true, sha256: 'a'.repeat(64), hashOf: 'original' }],
        settings: [{ key: 'failOn', value: 'low', by: 'config', where: `${hostileName}:1` }],
      },
    },
  );
}

/** Ways through an installation in which every name is hostile, or as long as somebody likes. */
export function hostileWays(): Masked<ToldWays> {
  const names = [
    hostileName,
    '"><script>alert(1)</script>',
    'm'.repeat(100_000),
    '\u0300'.repeat(5000),
    '日本'.repeat(500),
  ];
  const step = (edge: string, gives: string, more: Partial<ToldStep> = {}): Masked<ToldStep> => ({
    ...{ edge, does: 'does it', why: masked(hostileName), certainty: 'assumed', gives },
    ...{ place: { file: hostileName, line: 1 }, fix: masked(hostileName), rule: 'privileged-step' },
    ...(more as object),
  });
  const ways = names.flatMap((name, index): readonly Masked<ToldWay>[] => {
    const build = step('fork-build', `on ${name} pull_request`, { cutBy: [index + 1, 999] });
    const engine = step('runner-socket', `engine:${name}`, { certainty: 'seen' });
    const secret = step('flagged-secret', `secret:${name}`);
    return [
      { from: 'fork-author', to: `engine:${name}`, certainty: 'assumed', steps: [build, engine], group: 2 * index },
      {
        from: 'fork-author',
        to: `secret:${name}`,
        certainty: 'assumed',
        steps: [build, engine, secret],
        group: 2 * index + 1,
      },
    ];
  });
  const [to = ''] = names;
  return {
    ways: [...ways, { from: 'fork-author', to, certainty: 'unknown', steps: [], if: hostileName, group: 99 }],
    closed: [{ from: 'writer', to: `secret:${to}`, by: masked(hostileName) }],
    notKnown: [{ from: 'network', to: `secret:${to}`, because: masked(hostileName) }],
    cut: {
      changes: names.map((name) => ({
        ...{ edge: 'fork-build', kind: 'setting', what: masked(name), caution: masked(name), rule: 'privileged-step' },
        place: { file: name, line: 1 },
      })),
      closes: 1,
      isSmallest: true,
      left: [],
    },
    matrix: [
      ...ways.map(({ from, to }) => ({ from, to, is: 'open' as const })),
      { from: 'writer', to: `secret:${to}`, is: 'closed' },
      { from: 'network', to: `secret:${to}`, is: 'not known' },
    ],
  };
}
