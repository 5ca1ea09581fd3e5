import { type Difference, differencesBetween } from '../../analysis/drift.ts';
import { filesNotRead, filesOf, servicesOfRunning } from '../../drone/running.ts';
import type { Container } from '../../model/container.ts';
import { type Hit, joinTexts, maxRelated, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'running-differs-from-declared',
  on: 'installation',
  severity: 'low',
  confidence: 'high',
  title: 'What runs is not what is written',
  why: 'A correction in the file is not live before the container is re-created, so that a secret that was replaced still opens the server, and a setting that was mended is still the old one. A network or limit that was changed while the container was there is reviewed by nobody, and gone with the next start from the file. Values are compared by hash and never shown.',
  fix: `Re-create the container from its file. It then loses what the file does not have, or no longer has; only what is missed afterwards belongs in the file:

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
    const sources = [...new Set(containers.map(({ at }) => at.source))];
    for (const [running, declared] of servicesOfRunning(containers)) {
      const [missing] = filesNotRead(running, declared, sources);
      if (missing !== undefined) {
        const name = missing.slice(missing.lastIndexOf('/') + 1);
        yield { at: running.at, inconclusive: say`${running.label} was also made from "${name}", which was not read` };
        continue;
      }
      const differences = differencesBetween(running, declared);
      for (const changed of ['file', 'container'] as const) {
        const found = differences.filter((each) => each.changed === changed);
        if (found.length > 0) yield hitOf(running, declared, changed, found);
      }
    }
  },
});

const maxTold = 3;

function hitOf(
  running: Container,
  declared: Container,
  changed: Difference['changed'],
  found: readonly Difference[],
): Hit {
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
  const isFile = changed === 'file';
  return {
    at: isFile ? declared.at : running.at,
    of: isFile ? declared : running,
    subject: isFile ? 'not made anew' : 'changed by hand',
    message: isFile
      ? say`${running.label} was not made from ${declared.label} as it is written now: ${told}${more}`
      : say`${running.label} was changed while it was there: ${told}${more}`,
    severity: found.some(({ weaker }) => weaker) ? 'medium' : undefined,
    related: related.slice(0, maxRelated),
    fills: { 'docker compose': composeOf(running), drone: declared.name },
    fix: isFile ? undefined : byHand,
  };
}

/** The command for the project of a container, whose files have other names than Compose looks for. */
function composeOf(running: Container): string {
  const files = filesOf(running);
  const isUsual = files.length === 1 && /(?:^|\/)(?:docker-)?compose\.ya?ml$/.test(files[0] ?? '');
  if (files.length === 0 || isUsual || !files.every((file) => /^[\w./-]{1,200}$/.test(file))) return 'docker compose';
  return `docker compose ${files.map((file) => `-f ${file}`).join(' ')}`;
}

const byHand = `If the change is meant, write it into the file. Then re-create the container from it, which takes back what is not written there:

\`\`\`sh
docker compose up --detach --force-recreate drone
\`\`\``;
