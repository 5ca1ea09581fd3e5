import { type Step, subjectOf } from '../../model/pipeline.ts';

/** What a finding about all that a step asks an extension for is about: its other secrets are told by themselves. */
export function externalSecretsOf(step: Step): string {
  return `external secrets of ${subjectOf(step)}`;
}
