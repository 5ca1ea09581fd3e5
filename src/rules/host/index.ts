import type { AnyRule } from '../../model/rule.ts';
import plainDockerHost from './plain-docker-host.ts';
import readableSecretFile from './readable-secret-file.ts';

export default [plainDockerHost, readableSecretFile] satisfies readonly AnyRule[];
