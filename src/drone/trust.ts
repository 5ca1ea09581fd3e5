import { memoizePer } from '../model/memoize.ts';
import type { Pipeline, Step, Volume } from '../model/pipeline.ts';
import type { Location } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';

/** Something that the runner refuses while the repository is not trusted. */
export interface TrustNeed {
  /** In the words of the runner's linter: `enable privileged mode`, `mount host volumes`. */
  readonly what: Text;
  readonly at: Location;
  readonly step?: Step;
  readonly volume?: Volume;
}

/**
 * What a pipeline needs a trusted repository for, in the order of the runner's linter. Only runners of type docker and
 * kubernetes check the flag (drone-runner-docker@9ea626a engine/linter/linter.go:100-179, drone-runner-kube@018c416
 * engine/linter/linter.go:99-210); those of type exec, ssh, digitalocean, macstadium and vm do not, nor does the
 * server.
 */
export const trustNeedsOf = memoizePer((pipeline: Pipeline): readonly TrustNeed[] => {
  const { type, documentKind } = pipeline;
  if ((type !== 'docker' && type !== 'kubernetes') || documentKind.value !== 'pipeline') return [];
  return [
    ...[...pipeline.services, ...pipeline.steps].flatMap((step) => needsOfStep(step, type)),
    ...pipeline.volumes.flatMap(needsOfVolume),
  ];
});

function needsOfStep(step: Step, type: 'docker' | 'kubernetes'): readonly TrustNeed[] {
  const needs: TrustNeed[] = [];
  const need = (what: Text, at: Location | undefined): void => {
    if (at) needs.push({ what, at, step });
  };
  if (step.privileged?.value) need(say`enable privileged mode`, step.privileged.at);
  if (type === 'kubernetes') return needs;
  need(say`mount devices`, step.devices[0]?.at);
  need(say`configure dns`, step.dns[0]?.at);
  need(say`configure dns_search`, step.dnsSearch[0]?.at);
  need(say`configure extra_hosts`, step.extraHosts[0]?.at);
  if (step.networkMode?.value) need(say`configure network_mode`, step.networkMode.at);
  if (step.shmSize && isPositiveSize(step.shmSize.value)) need(say`configure shm_size`, step.shmSize.at);
  return needs;
}

function isPositiveSize(text: string): boolean {
  return !text.trim().startsWith('-') && /[1-9]/.test(text);
}

function needsOfVolume(volume: Volume): readonly TrustNeed[] {
  const needs: TrustNeed[] = [];
  const need = (what: Text, at: Location | undefined): void => {
    if (at) needs.push({ what: say`mount ${what}`, at, volume });
  };
  // The linter compares exactly; the engine of the kubernetes runner does not.
  if (volume.temp?.medium?.value === 'memory') need(say`in-memory volumes`, volume.temp.medium.at);
  need(say`host volumes`, volume.hostPath?.at);
  need(say`PVC`, volume.claim?.at);
  need(say`configMap volumes`, volume.configMap?.at);
  need(say`secret volumes`, volume.secret?.at);
  return needs;
}
