/* What the SCM calls a repository, by the address that it is cloned from. */

const maxLength = 500;
const schemes = /^(?:https?|ssh|git|git\+ssh|ssh\+git|git\+https?):\/\/[^/]+\/(.*)$/i;
/** `git@example.com:octocat/hello-world.git`; one letter alone is a drive of Windows. */
const likeScp = /^(?:[^@/:]+@)?[^@/:]{2,}:(?!\/\/)(.*)$/;

/** The slug in the address of a remote: namespace and name, where a namespace may have several parts. */
export function slugOfAddress(address: string): string | undefined {
  if (address.length > maxLength) return undefined;
  const path = schemes.exec(address)?.[1] ?? likeScp.exec(address)?.[1];
  const parts =
    path
      ?.split(/[?#]/, 1)[0]
      ?.split('/')
      .filter((part) => part !== '') ?? [];
  parts.push(parts.pop()?.replace(/\.git$/, '') ?? '');
  // Bitbucket Server puts its repositories below "scm" for HTTP.
  const names = parts.length === 3 && parts[0] === 'scm' && /^http/i.test(address) ? parts.slice(1) : parts;
  if (names.length < 2 || !names.every((part) => /^[\w.~+-]+$/.test(part))) return undefined;
  return names.join('/');
}
