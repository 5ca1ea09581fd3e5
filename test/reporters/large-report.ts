import type { Finding } from '../../src/model/report.ts';
import { severities } from '../../src/model/severity.ts';
import type { ListedReport } from '../support/listed-report.ts';
import { masked } from '../support/text.ts';
import {
  branchWithoutEvent,
  finding,
  latestTag,
  place,
  privilegedStep,
  report,
  source,
  weakRpcSecret,
} from './sample-report.ts';

const rules = [privilegedStep, branchWithoutEvent, weakRpcSecret, latestTag];

/** How many findings a file of the large report has. */
const perFile = 100;

/** A report of so many findings, a hundred to a file of its own; one in twenty is suppressed, and each has a problem beside it. */
export function largeReport(amount: number): ListedReport {
  const findings: Finding[] = [];
  for (let file = 0; findings.length < amount; file++) {
    const steps = Array.from({ length: perFile }, (_, step) => `- name: step-${step}\n  privileged: true # ${step}\n`);
    const of = source(`team-${file % 50}/service-${file}/.drone.yml`, `kind: pipeline\nsteps:\n${steps.join('')}`);
    for (let step = 0; step < perFile && findings.length < amount; step++) {
      const rule = rules[step % rules.length] ?? privilegedStep;
      const related = { at: place(of, 'steps', 'steps'), message: masked(`a step of service ${file}`) };
      findings.push(
        finding(
          rule,
          place(of, `true # ${step}\n`, `steps[step-${step}].privileged`),
          `step "${step}" of ${file} is open`,
          {
            severity: severities[step % severities.length],
            related: step % 10 === 0 ? [related] : [],
            reach: masked('fork pull requests'),
            ...(step % 20 === 7
              ? { suppressed: { by: 'config', reason: masked('accepted by the team'), where: 'drone-audit.yml:3' } }
              : {}),
          },
        ),
      );
    }
  }
  const problems = findings.map(({ at }, index) => ({
    ...({ kind: 'malformed', source: at.source.name, line: index + 1, incomplete: true } as const),
    message: masked('a mapping is not closed'),
  }));
  return report(findings, { problems, exitCode: 1 });
}
