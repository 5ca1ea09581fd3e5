import { ownWords, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'shared-mount-propagation',
  on: 'container',
  severity: 'low',
  confidence: 'high',
  title: 'Mount propagates back to the host',
  why: "Whatever the container mounts below this path appears on the host and in every container that shares it. With `SYS_ADMIN` the container can lay its own files over the host's.",
  fix: `Remove the propagation mode; the default (\`rprivate\`, in a pod \`None\`) keeps mounts inside the container:

\`\`\`yaml compose
volumes:
  - /srv/build-cache:/cache
\`\`\`

\`\`\`yaml kubernetes
volumeMounts:
  - { name: cache, mountPath: /var/cache/build }
\`\`\``,
  refs: ['https://docs.docker.com/engine/storage/bind-mounts/#configure-bind-propagation'],
  standards: { owasp: ['CICD-SEC-5'], cisDocker: { version: '1.6.0', ids: ['5.20'] } },
  needsRunning: true,
  since: '0.1.0',
  *judge({ mounts, label }) {
    for (const { propagation, source, target, readOnly, at } of mounts)
      if (propagation === 'shared' || propagation === 'rshared')
        yield {
          at,
          subject: `mount ${target ?? source ?? ''}`,
          fills: source && target ? fillsFor(source, target, readOnly) : undefined,
          message: say`mounts made below "${target ?? source ?? ''}" of ${label} appear on the host ("${ownWords(propagation)}")`,
        };
  },
});

function fillsFor(source: string, target: string, readOnly: boolean): Readonly<Record<string, string>> {
  return {
    '/srv/build-cache:/cache': `${source}:${target}${readOnly ? ':ro' : ''}`,
    '/var/cache/build': target,
  };
}
