import { type ExtensionFact, extensionFacts } from '../facts/extensions.ts';
import { isComponent, settingFor } from '../facts/settings.ts';
import type { Variable } from '../model/environment.ts';
import { type Settings, setVariable } from '../model/settings.ts';
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
