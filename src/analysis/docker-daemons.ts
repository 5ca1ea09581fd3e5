import { containersNamed } from '../drone/network.ts';
import { isOlderRelease } from '../drone/release.ts';
import type { Container } from '../model/container.ts';
import { hostOf, isLoopback } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import { coversPort, isPublished } from '../model/ports.ts';
import { isRunner } from '../model/role.ts';
import type { Location } from '../model/source.ts';
import { say, type Text } from '../model/text.ts';

/** Whether a container lets others use an engine through a proxy of its socket. */
export function isSocketProxy({ role, image }: Container): boolean {
  return role === 'docker' && /socket-?proxy/i.test(image?.value.name ?? '');
}

/** A socket proxy, or a daemon that by its own options listens on tcp without TLS. */
export function isOpenEngine(container: Container): boolean {
  const { role, command, environment } = container;
  if (role !== 'docker') return false;
  return (
    isSocketProxy(container) ||
    environment.variables.get('DOCKER_TLS_CERTDIR')?.value === '' ||
    command.some(({ value }) => /^--tls=false$|^(?:--host=|-H=?)?tcp:\/\/[^:]*:2375$/.test(value))
  );
}

/** Whether a container is a Docker daemon. */
export function isDaemon(container: Container): boolean {
  const { role, image, entrypoint, command } = container;
  if (role !== 'docker' || isSocketProxy(container)) return false;
  if (image?.value.tag?.includes('dind')) return true;
  return [...entrypoint, ...command].some(({ value }) => /(?:^|\/)dockerd(?:-entrypoint\.sh)?$/.test(value));
}

/** A way into a Docker daemon without TLS. */
export interface Listener {
  readonly at: Location;
  readonly message: Text;
  readonly isLocal: boolean;
}

/** Where a daemon listens without TLS, as far as the evidence shows. */
export function plainListeners(container: Container, installation: Installation): readonly Listener[] {
  const words = [...container.entrypoint, ...container.command];
  if (words.some(({ value }) => /^--tls(?:verify)?(?:=true)?$/.test(value))) return [];
  const script = scriptListener(container);
  if (script === 'tls') return [];
  const found: Listener[] = script ? [script] : [];
  for (const { value, at } of words) {
    const address = /^(?:--host=|-H=?)?tcp:\/\/(.*)$/.exec(value)?.[1];
    const isLocal = address !== undefined && isLoopback(hostOf(address) ?? '');
    if (address !== undefined) found.push({ at, message: say`listens on "tcp://${address}" without TLS`, isLocal });
  }
  if (found.length > 0) return found;
  const off = words.find(({ value }) => value === '--tls=false');
  if (off) return [{ at: off.at, message: say`has TLS switched off`, isLocal: false }];
  const port = container.ports.find((each) => isPublished(each) && coversPort(each, 2375));
  if (port) return [{ at: port.at, message: say`is published at port 2375, the one without TLS`, isLocal: false }];
  const caller = callers(installation).get(container);
  return caller ? [{ at: caller, message: say`is called at port 2375, the one without TLS`, isLocal: false }] : [];
}

/**
 * What the start script of the image adds when it is given no program: port 2376 with TLS, or port 2375 on all addresses
 * without it where DOCKER_TLS_CERTDIR is empty, as it is by default before 19.03 (docker-library/docker
 * dockerd-entrypoint.sh). Undefined where the script is not run or the variable is not known.
 */
function scriptListener({ entrypoint, command, environment, image, at }: Container): Listener | 'tls' | undefined {
  if (entrypoint.length > 0 && !/dockerd-entrypoint\.sh$/.test(entrypoint[0]?.value ?? '')) return undefined;
  if (command[0] && !command[0].value.startsWith('-')) return undefined;
  const variable = environment.variables.get('DOCKER_TLS_CERTDIR');
  const message = say`listens on port 2375 of all addresses without TLS`;
  if (variable?.value === '')
    return { at: variable.at, message: say`${message}: DOCKER_TLS_CERTDIR is empty`, isLocal: false };
  if (variable) return variable.value === undefined ? undefined : 'tls';
  const isOld = isOlderRelease(image?.value.tag?.replace(/\.0(\d)/, '.$1'), '19.3.0');
  if (!isOld) return 'tls';
  const place = image?.at ?? at;
  return environment.complete
    ? { at: place, message: say`${message}, as images before 19.03 do`, isLocal: false }
    : undefined;
}

/** The variables with which runners of the audit call a daemon at port 2375, by the daemon. */
const callers = memoizePer((installation: Installation) => {
  const found = new Map<Container, Location>();
  for (const { role, variables, container: caller } of installation.settings) {
    const variable = variables.get('DOCKER_HOST');
    if (!isRunner(role) || !caller || !variable || !/^tcp:\/\/[^/]*:2375\/?$/.test(variable.value ?? '')) continue;
    const host = hostOf(variable.value ?? '');
    const named = host === undefined ? [] : containersNamed(host, caller, installation);
    for (const daemon of named.slice(0, 10)) found.set(daemon, variable.at);
  }
  return found;
});
