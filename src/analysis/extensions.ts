import { containersNamed } from '../drone/network.ts';
import { type ExtensionFact, extensionFacts } from '../facts/extensions.ts';
import { isComponent, settingFor } from '../facts/settings.ts';
import type { Variable } from '../model/environment.ts';
import { hostOf, isLoopback } from '../model/hosts.ts';
import type { Installation } from '../model/installation.ts';
import { type Settings, settingsOf, setVariable } from '../model/settings.ts';
import { hasEmbeddedRunner } from './embedded-runner.ts';

/** Extensions whose settings a component reads. Of a component of unknown role all may be meant. */
export function extensionsReadBy(settings: Settings): readonly ExtensionFact[] {
  const { role } = settings;
  if (role === 'unknown') return extensionFacts.filter(({ embeddedOnly }) => !embeddedOnly);
  if (!isComponent(role)) return [];
  return extensionFacts.filter(
    ({ endpoint, embeddedOnly }) =>
      settingFor(endpoint, role)?.legacy === undefined &&
      settingFor(endpoint, role) !== undefined &&
      (!embeddedOnly || hasEmbeddedRunner(settings)),
  );
}

/** Extensions that a component calls, with the variable that names the address. */
export function calledExtensions(
  settings: Settings,
): readonly { readonly fact: ExtensionFact; readonly endpoint: Variable }[] {
  return extensionsReadBy(settings).flatMap((fact) => {
    const endpoint = setVariable(settings, fact.endpoint);
    return endpoint ? [{ fact, endpoint }] : [];
  });
}

/** Settings of the extensions behind an address, as far as they are part of the audit. */
export function extensionsBehind(
  runner: Settings,
  address: string | undefined,
  installation: Installation,
): readonly Settings[] {
  const host = address === undefined ? undefined : hostOf(address);
  if (host === undefined) return [];
  const { container } = runner;
  const found = container ? containersNamed(host, container, installation) : [];
  const beside = installation.settings.filter(
    ({ role, at }) => role === 'extension' && isLoopback(host) && at.source.name === runner.at.source.name,
  );
  return [...found.map(settingsOf), ...beside].filter(({ role }) => role === 'extension');
}
