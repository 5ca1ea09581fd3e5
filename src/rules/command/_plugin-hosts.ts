import { hostSettings } from '../../facts/tls-switches.ts';
import { hostOf } from '../../model/hosts.ts';
import type { StepValue } from '../../model/pipeline.ts';

const maxAddressLength = 300;

/** The hosts named by a plugin setting, if it is one that says where the plugin connects. */
export function hostsOfSetting({ name, scalars }: StepValue): readonly string[] {
  if (!hostSettings.test(name.value.toLowerCase().replaceAll('-', '_'))) return [];
  // An image whose first part is not a host belongs to Docker Hub.
  const isImage = name.value === 'repo';
  return scalars.flatMap(({ value }) =>
    /^(?:true|false)$/i.test(value) ||
    (isImage && !/^(?:[^/.:]*[.:]|localhost)[^/]*\//.test(value.slice(0, maxAddressLength)))
      ? []
      : hostsOf(value),
  );
}

/** The host of an address or image; none for an image on Docker Hub. */
export function hostsOf(value: string): readonly string[] {
  const text = value.slice(0, maxAddressLength);
  // `org/image` and `image` name no host; `registry:5000/image` and `registry.example.com/image` do.
  const isAddress = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^[\w.-]+(?::\d+|\.[\w.-]+|$)(?:\/|:|$)/.test(text);
  const host = isAddress && !text.includes('${') ? hostOf(text) : undefined;
  return host === undefined ? [] : [host];
}
