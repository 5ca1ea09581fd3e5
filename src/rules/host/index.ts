export { default as plainDockerHost } from './plain-docker-host.ts';
export { default as readableSecretFile } from './readable-secret-file.ts';
