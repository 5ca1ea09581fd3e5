import type { Container } from '../model/container.ts';
import type { Located } from '../model/source.ts';

/**
 * The security options that somebody chose. To a container with the process ids or the memory segments of the host or of
 * another container, the engine adds options of SELinux by itself, also where there is no SELinux (moby/moby daemon/create.go
 * generateSecurityOpt).
 */
export function chosenSecurityOptions({
  live,
  securityOpt,
  pidMode,
  ipcMode,
}: Pick<Container, 'live' | 'securityOpt' | 'pidMode' | 'ipcMode'>): readonly Located<string>[] {
  const shares = [pidMode, ipcMode].some((mode) => mode && /^(?:host$|container:)/.test(mode.value));
  return live && shares ? securityOpt.filter(({ value }) => !/^label[:=]/.test(value)) : securityOpt;
}
