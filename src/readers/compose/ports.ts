import { isIP } from 'node:net';
import { templateMark } from '../yaml/template.ts';

/** One published port. Unknown texts are as written (`${PORT}`, `{{ port }}`). */
export interface PublishedPort {
  /** Empty means all addresses. */
  readonly hostAddress: string;
  /** Absent for a random port. */
  readonly hostPort?: string;
  readonly containerPort: string;
  readonly protocol: string;
}

/** Longer ranges are not split into single ports. */
const maxPorts = 256;

/**
 * Parses `ADDRESS:HOST:CONTAINER/PROTOCOL`; undefined for what Compose refuses. A range of container ports becomes
 * single ports; a range of host ports for one container port stays a range (docker/go-connections nat/nat.go
 * ParsePortSpec).
 */
export function parsePort(spec: string): readonly PublishedPort[] | undefined {
  const sections = splitOutsideReferences(spec);
  const last = sections.at(-1) ?? '';
  const slash = last.lastIndexOf('/');
  const container = slash < 0 || last.endsWith('}') ? last : last.slice(0, slash);
  const protocol = slash < 0 || last.endsWith('}') ? 'tcp' : last.slice(slash + 1).toLowerCase() || 'tcp';
  if (container === '') return undefined;
  const host = sections.length > 1 ? (sections.at(-2) ?? '') : '';
  const address = sections
    .slice(0, -2)
    .join(':')
    .replace(/^\[(.*)\]$/, '$1');
  if (address !== '' && !isUnknown(address) && isIP(address) === 0) return undefined;
  if (!isPort(container) || (host !== '' && !isPort(host))) return undefined;
  return expand(address, host, container, protocol);
}

function expand(
  hostAddress: string,
  host: string,
  container: string,
  protocol: string,
): readonly PublishedPort[] | undefined {
  const one = { hostAddress, hostPort: host === '' ? undefined : host, containerPort: container, protocol };
  const inside = rangeOf(container);
  if (!inside || inside.count === 1) return [one];
  const outside = host === '' ? undefined : rangeOf(host);
  if (outside && outside.count !== inside.count) return undefined;
  if (inside.count > maxPorts || (host !== '' && !outside)) return [one];
  return Array.from({ length: inside.count }, (_, i) => ({
    hostAddress,
    hostPort: outside ? `${outside.start + i}` : undefined,
    containerPort: `${inside.start + i}`,
    protocol,
  }));
}

function isPort(text: string): boolean {
  return isUnknown(text) || rangeOf(text) !== undefined;
}

/** Whether a variable or template mark stands in a text. */
export function isUnknown(text: string): boolean {
  return text.includes('$') || templateMark.test(text);
}

function rangeOf(text: string): { start: number; count: number } | undefined {
  const parts = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!parts) return undefined;
  const start = Number(parts[1]);
  const end = Number(parts[2] ?? parts[1]);
  return end < start || end > 65535 ? undefined : { start, count: end - start + 1 };
}

function splitOutsideReferences(spec: string): string[] {
  const sections = [''];
  let braces = 0;
  for (const unit of spec) {
    if (unit === '{' || unit === '[') braces++;
    if (unit === '}' || unit === ']') braces--;
    if (unit === ':' && braces <= 0) sections.push('');
    else sections[sections.length - 1] += unit;
  }
  return sections;
}
