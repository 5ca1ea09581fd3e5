import type { Report } from '../../src/model/report.ts';
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
