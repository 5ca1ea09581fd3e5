import { UserError } from '../model/user-error.ts';

/**
 * The address of a server without what no address needs: user information, query, a slash at the end. Drone cannot live
 * below a path, so a path is refused. Throws UserError.
 */
export function normalAddress(text: string): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw new UserError('the address of --server cannot be understood', 'such as https://ci.example.com');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new UserError('the address of --server begins with https:// or http://', 'such as https://ci.example.com');
  if (/[^/]/.test(url.pathname))
    throw new UserError(
      'the address of --server has a path, and a Drone server has none',
      `name the host alone: --server ${url.origin}`,
    );
  return url.origin;
}
