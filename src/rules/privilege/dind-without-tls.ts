import type { Pipeline, Step } from '../../model/pipeline.ts';
import { alsoAt, type Location, ownWords, rule, say, type Text } from '../../model/rule.ts';
import { setVariable } from '../../model/settings.ts';

const ofLegacy = `The daemon shares its certificates with the client through a temporary volume, which the format before 1.0 does not have. Convert the file first (\`drone-audit explain legacy-pipeline\` shows how), then set up TLS (\`drone-audit explain dind-without-tls\`). Or build images with kaniko, which needs no daemon:

\`\`\`yaml
steps:
  - name: image
    image: plugins/kaniko:1.13.9@sha256:...
    settings:
      repo: registry.example.com/app
    when:
      event: [push, tag]
\`\`\``;

export default rule({
  id: 'dind-without-tls',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Docker in Docker without TLS',
  why: "The daemon runs privileged and obeys anyone who can reach its port: whoever is on the same network controls it, and through it the host. A pipeline's own network limits that to its own build; a shared network or the host's does not.",
  fix: 'Let the Docker daemon generate certificates, and share them with the client; remove `DOCKER_TLS_CERTDIR` where it is empty, on the service and on the step, and options such as `--tls=false`:\n\n```yaml\ntrigger:\n  event: [push, tag]\nsteps:\n  - name: build\n    image: docker:28.5.1-cli@sha256:...\n    environment:\n      DOCKER_HOST: tcp://docker:2376\n      DOCKER_TLS_VERIFY: "1"\n      DOCKER_CERT_PATH: /certs/client\n    volumes:\n      - { name: certs, path: /certs }\nservices:\n  - name: docker\n    image: docker:28.5.1-dind@sha256:...\n    privileged: true # drone-audit: ignore[privileged-step] builds merged code only\n    volumes:\n      - { name: certs, path: /certs }\nvolumes:\n  - name: certs\n    temp: {}\n```\n\nThe certificate is for the name `docker`: the service has to be called so. A daemon elsewhere needs a server certificate and `--tlsverify`, on port 2376.',
  refs: [
    'https://hub.docker.com/_/docker',
    'https://docs.docker.com/engine/security/protect-access/',
    'https://docs.drone.io/pipeline/docker/examples/services/docker_dind/',
  ],
  standards: { owasp: ['CICD-SEC-5', 'CICD-SEC-7'], cwe: ['CWE-306'] },
  since: '0.1.0',
  *judge(pipeline, { installation }) {
    const daemons = [...pipeline.services, ...pipeline.steps].flatMap((step) => {
      const at = openDaemon(step);
      return at ? [{ step, at }] : [];
    });
    const clients = clientsOf(pipeline);
    const [daemon] = daemons;
    const [client] = clients;
    const first = daemon ?? client;
    if (!first) return;
    const isOnHost = daemons.some(({ step }) => step.networkMode?.value === 'host');
    const isShared = installation.settings.some(
      (settings) => setVariable(settings, 'DRONE_RUNNER_NETWORKS') !== undefined,
    );
    const isOwn = daemon !== undefined || (client?.host !== undefined && isContainerOf(pipeline, client.host));
    const who = isOnHost
      ? 'everything on the host network'
      : isShared
        ? 'everything on the networks that runners attach to all builds'
        : isOwn
          ? 'everything in this build'
          : 'everything that can reach the port';
    const messageOf = ({ step, at }: typeof first): Text =>
      daemons.some((each) => each.at === at)
        ? say`"${step.name}" runs a Docker daemon without TLS: ${ownWords(who)} controls it`
        : say`"${step.name}" talks to a Docker daemon without TLS on port 2375: ${ownWords(who)} controls it`;
    yield {
      at: first.at,
      subject: 'docker daemon',
      message: messageOf(first),
      severity: isOnHost || isShared ? 'high' : undefined,
      fix: pipeline.legacy ? ofLegacy : undefined,
      reach: first.step.reach,
      related: [...daemons, ...clients]
        .filter((other) => other !== first)
        .map(({ step, at }) =>
          alsoAt(at, say`"${step.name}" does so too`, {
            message: messageOf({ step, at }),
            reach: step.reach,
          }),
        ),
    };
  },
});

/** Where a step turns off TLS for its Docker daemon. */
function openDaemon({ image, environment, command, entrypoint, commands }: Step): Location | undefined {
  const name = image?.value.name.split('/').at(-1);
  if (name !== 'docker' || !image?.value.tag?.includes('dind')) return undefined;
  const directory = environment.find((value) => value.name.value === 'DOCKER_TLS_CERTDIR' && value.text?.value === '');
  const option = [...command, ...entrypoint, ...commands].find(({ value }) =>
    /--tls=false|tcp:\/\/(?:0\.0\.0\.0|\[::\])?:2375\b/.test(value),
  );
  return directory?.name.at ?? option?.at;
}

/** Steps that use a daemon on another machine through the port without TLS. */
function clientsOf({ steps }: Pipeline): readonly { step: Step; at: Location; host: string }[] {
  return steps.flatMap((step) => {
    const host = step.environment.find(({ name }) => name.value === 'DOCKER_HOST')?.text;
    const name = /^tcp:\/\/(?!(?:localhost|127\.\d+\.\d+\.\d+):)([^/:]+):2375(?:\/|$)/.exec(host?.value ?? '')?.[1];
    return host && name !== undefined ? [{ step, at: host.at, host: name }] : [];
  });
}

/** Whether a name is that of a service or step of the pipeline, known only on the pipeline's own network. */
function isContainerOf({ services, steps }: Pipeline, host: string): boolean {
  return [...services, ...steps].some(({ name }) => name === host);
}
