import { lookAtEngine } from '../checks/engine.ts';
import type { Targets } from '../gather.ts';
import type { Form } from '../model/source.ts';
import { UserError } from '../model/user-error.ts';
import type { Io } from './io.ts';

/** The options that say what to look at, shared by several commands. */
export interface TargetOptions {
  readonly form?: Form;
  /** Compose files of one project, the base first. */
  readonly composeFile: readonly string[];
  /** Not called `--env-file`, because Node itself takes that option, wherever it occurs. */
  readonly composeEnvFile: readonly string[];
  /** Whether Compose files are also filled in from the environment of this process. */
  readonly withEnvironment: boolean;
  /** `true`: find the engine as the docker client does. */
  readonly docker?: string | true;
}

/** The targets that a command line names; the current folder if it names none. */
export function targetsOf(paths: readonly string[], options: TargetOptions, io: Io): Targets {
  const { form, composeFile, composeEnvFile, withEnvironment, docker } = options;
  // An unset variable of a script; the current folder would be audited in its place.
  if ([...paths, ...composeFile, ...composeEnvFile].includes(''))
    throw new UserError('a path is empty', 'is a variable unset? the current folder is "."');
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
