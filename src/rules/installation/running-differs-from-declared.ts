import { type Difference, differencesBetween } from '../../analysis/drift.ts';
import { servicesOfRunning } from '../../drone/running.ts';
import type { Container } from '../../model/container.ts';
import { type Hit, joinTexts, maxRelated, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'running-differs-from-declared',
  on: 'installation',
  severity: 'low',
  confidence: 'high',
  title: 'What runs is not what is written',
  why: 'A correction in the file is not live before the container is made anew, so that a secret that was replaced still opens the server, and a setting that was mended is still the old one. What only the container has was changed by hand: it is reviewed by nobody, and gone with the next start from the file. Values are compared by hash and never shown.',
  fix: `Make the container anew from its file, and look at what it says then:

\`\`\`sh
docker compose up --detach drone
\`\`\``,
  refs: [
    'https://docs.docker.com/reference/cli/docker/compose/up/',
    'https://docs.docker.com/reference/cli/docker/container/inspect/',
    'docker/compose pkg/api/labels.go',
  ],
  standards: { owasp: ['CICD-SEC-7', 'CICD-SEC-10'] },
  since: '0.1.0',
  *judge({ containers }) {
    for (const [running, declared] of servicesOfRunning(containers)) {
      const differences = differencesBetween(running, declared);
      for (const newer of ['file', 'container'] as const) {
        const found = differences.filter((each) => each.newer === newer);
        if (found.length > 0) yield hitOf(running, declared, newer, found);
      }
    }
  },
});

const maxTold = 3;

function hitOf(running: Container, declared: Container, newer: Difference['newer'], found: readonly Difference[]): Hit {
  const weakest = found.toSorted((one, other) => Number(other.weaker) - Number(one.weaker));
  const told = joinTexts(
    weakest.slice(0, maxTold).map(({ message }) => message),
    '; ',
  );
  const rest = found.length - maxTold;
  const more = rest > 0 ? say`; and ${rest} more` : say``;
  const related = weakest.flatMap(({ message, live, declared: file }) => [
    ...(live ? [{ at: live, message }] : []),
    ...(file ? [{ at: file, message }] : []),
  ]);
  const isFile = newer === 'file';
  return {
    at: isFile ? declared.at : running.at,
    of: isFile ? declared : running,
    subject: isFile ? 'not made anew' : 'changed by hand',
    message: isFile
      ? say`${running.label} was not made anew since ${declared.label} was changed: ${told}${more}`
      : say`${running.label} was changed beside its file: ${told}${more}`,
    severity: found.some(({ weaker }) => weaker) ? 'medium' : undefined,
    related: related.slice(0, maxRelated),
    fills: { drone: declared.name },
    fix: isFile ? undefined : byHand,
  };
}

const byHand = `If the change is meant, write it into the file. Then make the container anew from it, which takes back what is not written there:

\`\`\`sh
docker compose up --detach --force-recreate drone
\`\`\``;
