import { internalNames, wellKnownHosts } from '../../facts/known-hosts.ts';
import type { Pipeline, Step } from '../../model/pipeline.ts';
import type { Severity } from '../../model/severity.ts';
import type { Located, Location } from '../../model/source.ts';

/** A host name, or a way to resolve host names, that a pipeline sets for itself. */
export interface NameOverride {
  readonly at: Location;
  /** For messages: `asks name server "192.0.2.1" for every name`. */
  readonly what: string;
  readonly severity: Severity;
}

/** What a step overrides with Docker's options. */
export function overridesOfStep({ extraHosts, dns, dnsSearch }: Step): readonly NameOverride[] {
  return [...extraHosts.map(hostEntry), ...dns.map(nameServer), ...dnsSearch.map(searchDomain)];
}

/** What a pipeline overrides for its pod. */
export function overridesOfPod({ pod }: Pipeline): readonly NameOverride[] {
  if (!pod) return [];
  const aliases = pod.hostAliases.flatMap(({ at, ip, hostnames }) =>
    hostnames.map((name) => override(name.value, ip?.value ?? '', at)),
  );
  return [
    ...aliases,
    ...pod.nameservers.map(({ value, at }) => nameServer({ value, at: pod.dnsConfigAt ?? at })),
    ...pod.searches.map(searchDomain),
  ];
}

/** Docker's `name:address`, where the address may contain colons too. */
function hostEntry({ value, at }: Located<string>): NameOverride {
  const colon = value.search(/[:=]/);
  return override(colon < 0 ? value : value.slice(0, colon), colon < 0 ? '' : value.slice(colon + 1), at);
}

function override(name: string, address: string, at: Location): NameOverride {
  const isPrivate = isPrivateAddress(address);
  const severity = wellKnownHosts.test(name) ? 'high' : isPrivate && internalNames.test(name) ? 'low' : 'medium';
  return {
    at,
    what: `resolves "${name}" to ${isPrivate ? 'a private address' : 'another address'} of its own`,
    severity,
  };
}

function nameServer({ value, at }: Located<string>): NameOverride {
  return { at, what: `asks name server "${value}" for every name`, severity: 'medium' };
}

function searchDomain({ value, at }: Located<string>): NameOverride {
  return { at, what: `looks up short names below "${value}"`, severity: internalNames.test(value) ? 'low' : 'medium' };
}

function isPrivateAddress(address: string): boolean {
  return (
    address === 'host-gateway' ||
    /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.)/.test(address) ||
    /^(?:::1$|f[cd][0-9a-f]{2}:|fe80:)/i.test(address)
  );
}
