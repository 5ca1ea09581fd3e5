import { proseOrCode } from '../facts/unread-forms.ts';
import { fileName } from '../model/file-name.ts';
import type { Form } from '../model/source.ts';
import { looksLikeCompose } from './compose/compose.ts';
import { looksLikeDaemonFile } from './docker/daemon-file.ts';
import { looksLikeDockerRun } from './docker/script.ts';
import { couldBeRead, envName, isPage, isWoodpecker, pipelineName, scriptedPipeline } from './file-names.ts';
import { looksLikeHelmValues } from './kubernetes/helm-values.ts';
import { kustomizationName } from './kubernetes/kustomize.ts';
import { looksLikeKubernetes } from './kubernetes/manifests.ts';
import { looksLikeDrone } from './pipeline/stream.ts';
import { looksLikeSystemd } from './systemd/service.ts';

const mentionsDrone = /drone/i;

/**
 * The form of a text, judging by its name and content; undefined if it does not concern us. A `.drone.yml` is
 * recognised by name alone, so that a broken one is reported. All others, `drone.yml` among them, must show by their
 * content that they belong to a Drone installation.
 */
export function recognise(name: string, text: string): Form | undefined {
  const file = fileName(name);
  const scripted = scriptedPipeline.exec(file)?.[1];
  if (scripted) return scripted.toLowerCase() === 'jsonnet' ? 'jsonnet' : 'starlark';
  if (pipelineName.test(file)) return isVault(text) ? undefined : 'drone';
  if (!text || isVault(text)) return undefined;
  if (isPage(file)) return mentionsDrone.test(text) && looksLikeDockerRun(text) ? 'docker-run' : undefined;
  if (!couldBeRead(file) && proseOrCode.test(name)) return undefined;
  // First, since Drone passes over keys that would make it something else.
  if (looksLikeDrone(text)) return isWoodpecker(name) ? undefined : 'drone';
  if (/^\s*[[{]/.test(text) && text.includes('"HostConfig"')) return 'docker-inspect';
  if (looksLikeDaemonFile(name, text)) return 'docker-daemon';
  // Its patches may speak of Drone where it does not.
  if (kustomizationName.test(file))
    return mentionsDrone.test(text) || /^patches/m.test(text) ? 'kubernetes' : undefined;
  if (!mentionsDrone.test(text) && !/\bSECRET_KEY\b/.test(text)) return undefined;
  if (/^#cloud-config\b/.test(text)) return undefined;
  if (isShellScript(file, text)) return looksLikeDockerRun(text) ? 'docker-run' : envOf(file, text);
  if (looksLikeSystemd(text)) return 'systemd';
  if (looksLikeCompose(text)) return 'compose';
  if (looksLikeKubernetes(text)) return 'kubernetes';
  if (looksLikeHelmValues(text, name)) return 'helm-values';
  if (!mentionsDrone.test(text)) return undefined;
  if (couldBeRead(file) && looksLikeDockerRun(text)) return 'docker-run';
  return envOf(file, text);
}

function envOf(file: string, text: string): Form | undefined {
  if (!envName.test(file) && !looksLikeEnv(text)) return undefined;
  return /^[ \t]*(?:export[ \t]+)?[A-Z][A-Z0-9_]*=/m.test(text) ? 'env' : undefined;
}

/** What a script writes into files may look like another form. */
function isShellScript(file: string, text: string): boolean {
  return /\.(?:ba|z|k|da)?sh$/i.test(file) || /^#!.{0,200}sh\b/.test(text);
}

function isVault(text: string): boolean {
  return text.startsWith('$ANSIBLE_VAULT;');
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
