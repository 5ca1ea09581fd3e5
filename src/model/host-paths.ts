const sockets = /(?:^|\/)(?:docker|containerd|podman|crio)\.sock$/;
/** Folders that contain a control socket. */
const parents: ReadonlySet<string> = new Set([
  '/',
  '/run',
  '/var',
  '/run/containerd',
  '/run/podman',
  '/run/crio',
  '/run/docker',
]);

/** A host path without needless slashes, and with `/var/run` written as `/run`, which it is on every current system. */
export function hostPath(path: string): string {
  const plain = path
    .replace(/\/{2,}/g, '/')
    .replace(/(?:\/\.)+(?=\/|$)/g, '')
    .replace(/(.)\/$/, '$1');
  return plain.replace(/^\/var\/run(?=\/|$)/, '/run') || '/';
}

/** Whether a host path is the control socket of a container engine (docker, containerd, podman, crio; Windows' pipe). */
export function isControlSocket(path: string): boolean {
  return sockets.test(hostPath(path)) || isEnginePipe(path);
}

/** Whether a path is the pipe by which the engine of Windows is controlled. */
export function isEnginePipe(path: string): boolean {
  return /^[\\/]{2,4}\.[\\/]{1,2}pipe[\\/]{1,2}docker_engine$/i.test(path);
}

/** Whether mounting a host path makes a control socket reachable: the socket itself or a folder above it. */
export function exposesControlSocket(path: string): boolean {
  return path !== '' && (isControlSocket(path) || parents.has(hostPath(path)));
}
