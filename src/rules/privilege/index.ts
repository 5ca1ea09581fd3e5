import type { AnyRule } from '../../model/rule.ts';
import dockerSocketVolume from './docker-socket-volume.ts';
import privilegedStep from './privileged-step.ts';

export default [dockerSocketVolume, privilegedStep] satisfies readonly AnyRule[];
