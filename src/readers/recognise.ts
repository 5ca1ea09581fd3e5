import { fileName } from '../model/file-name.ts';
import type { Form } from '../model/source.ts';
import { looksLikeCompose } from './compose/compose.ts';
import { looksLikeDockerRun } from './docker/script.ts';
import { looksLikeHelmValues } from './kubernetes/helm-values.ts';
import { looksLikeKubernetes } from './kubernetes/manifests.ts';
import { looksLikeDrone } from './pipeline/stream.ts';
import { looksLikeSystemd } from './systemd/service.ts';

/** Endings of files in a known form, which may be followed by another one (`.env.example`, `.yml.j2`). */
const ending = /(?:\.(?:ya?ml|json|env|sh|bash|md|markdown|service|conf|star|starlark|jsonnet)|^\.?env)(?:[-.@~].*)?$/i;

/** Whether a file in a folder is worth opening, by its name alone. */
export function couldBeRead(file: string): boolean {
  return ending.test(file) || /drone/i.test(file);
}

/** `.drone.yml`, `.drone.windows.yml`, `.drone-release.yml`: these can only be Drone's. */
const pipelineName = /(?:^|[^a-z0-9])\.drone[\w-]*\.(?:[\w-]+\.)*ya?ml(?:[@~].*)?$/i;
/** `drone.yml`, `docker-compose.drone.yml`: the content decides. */
const namedAfterDrone = /(?:^|[^a-z0-9])drone\.(?:[\w-]+\.)*ya?ml(?:[@~].*)?$/i;
const scriptedPipeline = /(?:^|[^a-z0-9])drone\.(star|starlark|script|jsonnet)$/i;
const envName = /(?:^|[/.])env(?:[-.@~][^/]*)?$|\.env(?:[-.@~][^/]*)?$/i;
const mentionsDrone = /drone/i;
/** A page of prose: its text is shown, and only its commands are read. */
const pageName = /\.(?:md|markdown|mdx)(?:[@~.].*)?$/i;

/**
 * The form of a text, judging by its name and content; undefined if it does not concern us. A `.drone.yml` is
 * recognised by name alone, so that a broken one is reported. All others must show by their content that they belong to
 * a Drone installation.
 */
export function recognise(name: string, text: string): Form | undefined {
  const file = fileName(name);
  const scripted = scriptedPipeline.exec(file)?.[1];
  if (scripted) return scripted.toLowerCase() === 'jsonnet' ? 'jsonnet' : 'starlark';
  if (pipelineName.test(file)) return 'drone';
  if (namedAfterDrone.test(file) && !looksLikeDeployment(text)) return 'drone';
  if (!text) return undefined;
  if (pageName.test(file)) return mentionsDrone.test(text) && looksLikeDockerRun(text) ? 'docker-run' : undefined;
  if (/^\s*[[{]/.test(text) && text.includes('"HostConfig"')) return 'docker-inspect';
  if (looksLikeDrone(text)) return 'drone';
  if (!mentionsDrone.test(text) && !/\bSECRET_KEY\b/.test(text)) return undefined;
  if (looksLikeSystemd(text)) return 'systemd';
  if (looksLikeCompose(text)) return 'compose';
  if (looksLikeKubernetes(text)) return 'kubernetes';
  if (looksLikeHelmValues(text, name)) return 'helm-values';
  if (!mentionsDrone.test(text)) return undefined;
  if (looksLikeDockerRun(text)) return 'docker-run';
  if (envName.test(file) || looksLikeEnv(text))
    return /^[ \t]*(?:export[ \t]+)?[A-Z][A-Z0-9_]*=/m.test(text) ? 'env' : undefined;
  return undefined;
}

/** `docker-compose.drone.yml` and `deployment-drone.yaml` are named after Drone but are not pipelines. */
function looksLikeDeployment(text: string): boolean {
  return (
    text !== '' &&
    !looksLikeDrone(text) &&
    (looksLikeCompose(text) || looksLikeKubernetes(text) || looksLikeHelmValues(text))
  );
}

/** Whether a text is nothing but comments and assignments, at least one of them to a Drone variable. */
function looksLikeEnv(text: string): boolean {
  return (
    /^[ \t]*(?:export[ \t]+)?(?:DRONE|CLIENT_DRONE)_[A-Z0-9_]+=/m.test(text) &&
    text
      .split(/\r?\n/, 2000)
      .every((line) => /^[ \t]*(?:$|#|(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[ \t]*(?:=|$))/.test(line))
  );
}
