import { type Difference, differencesBetween } from '../../analysis/drift.ts';
import { filesNotRead, filesOf, servicesGone, servicesOfRunning } from '../../drone/running.ts';
import type { Container } from '../../model/container.ts';
import { isPublished } from '../../model/ports.ts';
import { type Hit, joinTexts, maxRelated, rule, say } from '../../model/rule.ts';
import type { Source } from '../../model/source.ts';

export default rule({
  id: 'running-differs-from-declared',
  on: 'installation',
  severity: 'low',
  confidence: 'high',
  title: 'What runs is not what is written',
  why: 'A correction in the file is not live before the container is re-created, so that a secret that was replaced still opens the server, and a setting that was mended is still the old one. A network or limit that was changed while the container was there is reviewed by nobody, and gone with the next start from the file; a service that was taken out of the file runs on. Values are compared by hash and never shown.',
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
      const found = differencesBetween(running, declared);
      if (found.length > 0) yield hitOf(running, declared, found);
    }
    for (const { running, sources } of servicesGone(containers)) yield hitOfGone(running, sources);
  },
});

const maxTold = 3;

function hitOf(running: Container, declared: Container, found: readonly Difference[]): Hit {
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
  const isOfFile = found.some(({ changed }) => changed === 'file');
  return {
    at: declared.at,
    of: declared,
    subject: 'not made anew',
    message: isOfFile
      ? say`${running.label} was not made from ${declared.label} as it is written now: ${told}${more}`
      : say`${running.label} is not as ${declared.label} is written: ${told}${more}`,
    severity: found.some(({ weaker }) => weaker) ? 'medium' : undefined,
    related: related.slice(0, maxRelated),
    fills: { 'docker compose': composeOf(running), drone: declared.name },
    fix: isOfFile ? undefined : byEither,
  };
}

function hitOfGone(running: Container, sources: readonly Source[]): Hit {
  const lets =
    running.privileged?.value === true ||
    running.ports.some(isPublished) ||
    running.mounts.some(({ type }) => type === 'bind');
  const service = running.labels.get('com.docker.compose.service')?.value ?? '';
  const message = say`${running.label} is of service "${service}", which its file no longer has`;
  return {
    at: running.at,
    of: running,
    subject: 'not in the file',
    message,
    severity: lets ? 'medium' : undefined,
    related: sources.map((source) => ({
      at: { source, path: '', span: { start: 0, end: 0 } },
      message: say`the file of its project`,
    })),
    fills: { 'docker compose': composeOf(running) },
    fix: ofGone,
  };
}

/** The command for the project of a container, whose files have other names than Compose looks for. */
function composeOf(running: Container): string {
  const files = filesOf(running);
  const isUsual = files.length === 1 && /(?:^|\/)(?:docker-)?compose\.ya?ml$/.test(files[0] ?? '');
  if (files.length === 0 || isUsual || !files.every((file) => /^[\w./-]{1,200}$/.test(file))) return 'docker compose';
  return `docker compose ${files.map((file) => `-f ${file}`).join(' ')}`;
}

const byEither = `Either the file was changed after the container was made, or the container was changed by \`docker update\` or \`docker network connect\`; what runs does not tell which. If what runs is meant, write it into the file. Then re-create the container from it, which takes back what is not written there:

\`\`\`sh
docker compose up --detach --force-recreate drone
\`\`\``;

const ofGone = `Remove the containers of the project that its file no longer has. If this one is still needed, write its service into the file again:

\`\`\`sh
docker compose up --detach --remove-orphans
\`\`\``;
