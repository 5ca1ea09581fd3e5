import { lookAtEngine } from '../checks/engine.ts';
import type { Targets } from '../gather.ts';
import type { Form } from '../model/source.ts';
import type { Io } from './io.ts';

/** The options that say what to look at, shared by the commands that look. */
export interface TargetOptions {
  readonly form?: Form;
  /** Compose files that belong together, the base first. */
  readonly composeFile: readonly string[];
  /** Not `--env-file`: Node itself takes that, wherever it stands. */
  readonly composeEnvFile: readonly string[];
  /** Whether Compose files are filled in from the environment of this process. */
  readonly withEnvironment: boolean;
  /** `true`: find the engine as the docker client does. */
  readonly docker?: string | true;
}

/** What a command line names, as `gather` takes it; the current folder when it names nothing. */
export function targetsOf(paths: readonly string[], options: TargetOptions, io: Io): Targets {
  const { form, composeFile, composeEnvFile, withEnvironment, docker } = options;
  return {
    cwd: io.cwd,
    paths: paths.length > 0 || composeFile.length > 0 ? paths : ['.'],
    composeFiles: composeFile,
    envFiles: composeEnvFile,
    environment: withEnvironment ? io.environment : undefined,
    standardInput: io.readStandardInput,
    form,
    ...(docker === undefined
      ? {}
      : {
          live: () =>
            lookAtEngine({
              environment: io.environment,
              home: io.home,
              host: docker === true ? undefined : docker,
              uid: io.uid,
            }),
        }),
  };
}
