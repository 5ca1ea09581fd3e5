import { imageName, isPlugin, pluginNames } from '../drone/deployment.ts';
import { deploymentPlugins } from '../facts/deployment.ts';
import { engineClients, imageBuild } from '../facts/programs.ts';
import type { Pipeline, Step } from '../model/pipeline.ts';
import { programOf } from '../shell/commands.ts';
import { codeOf } from './repository-code.ts';
import { everyCommandOf } from './step-commands.ts';

/** What a step needs a container engine for; a script or a plugin does not tell. */
export type EngineUse = 'builds images' | 'none' | 'not told';

export function engineUseOf(pipeline: Pipeline, step: Step): EngineUse {
  if (isPlugin(step)) {
    const isBuilder = pluginNames(step).some((name) => deploymentPlugins.get(name) === 'image');
    return isBuilder && !imageName(step)?.endsWith('/manifest') ? 'builds images' : 'not told';
  }
  const programs = everyCommandOf(pipeline, step).map(programOf);
  const clients = programs.filter((program) => program !== undefined && engineClients.has(program.name));
  if (clients.some((client) => client?.arguments.some(({ pattern }) => imageBuild.test(pattern))))
    return 'builds images';
  const isTold = programs.length > 0 && programs.every((program) => program !== undefined);
  return clients.length === 0 && isTold && !codeOf(pipeline, step) ? 'none' : 'not told';
}
