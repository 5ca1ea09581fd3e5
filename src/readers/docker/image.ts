import type { Image } from '../../model/container.ts';

/*
 * The grammar of image names (distribution/reference regexp.go, normalize.go ParseNormalizedNamed). Its patterns are
 * linear here: each atom is followed by a separator that it cannot contain.
 */
const maxLength = 4096;
const domainPart = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const domain = new RegExp(`^(?:${domainPart}(?:\\.${domainPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const pathPart = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const remoteName = new RegExp(`^${pathPart}(?:/${pathPart})*$`);
const tagText = /^\w[\w.-]{0,127}$/;
const digestText = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
/** Image ids, which the engine reports in place of a name. */
const identifier = /^(?:sha256:)?[a-f0-9]{64}$/;
/** How long a repository name may be, including its registry (distribution/reference reference.go). */
const maxNameLength = 255;

/**
 * Parses an image name as the Docker client does; undefined for a text that is not one (upper case, `${...}`, a
 * template mark, a bare image id). `docker.io/`, `index.docker.io/` and `library/` are left out of the name.
 */
export function parseImage(text: string): Image | undefined {
  if (text.length > maxLength || identifier.test(text)) return undefined;
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !digestText.test(digest)) return undefined;
  const named = at < 0 ? text : text.slice(0, at);

  const slash = named.indexOf('/');
  const first = slash < 0 ? '' : named.slice(0, slash);
  const hasDomain = first !== '' && (first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase());
  if (hasDomain && !domain.test(first)) return undefined;
  const rest = hasDomain ? named.slice(slash + 1) : named;
  const colon = rest.indexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  const tag = colon < 0 ? undefined : rest.slice(colon + 1);
  if (!remoteName.test(path) || (tag !== undefined && !tagText.test(tag))) return undefined;

  const hub = !hasDomain || first === 'docker.io' || first === 'index.docker.io';
  if ((hub ? 'docker.io'.length : first.length) + 1 + path.length > maxNameLength) return undefined;
  const familiar = hub && /^library\/[^/]+$/.test(path) ? path.slice('library/'.length) : path;
  return {
    text,
    registry: hub ? undefined : first,
    name: familiar,
    tag,
    digest,
  };
}
