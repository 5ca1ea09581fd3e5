/**
 * A list of which only passes can be asked: each calls `begin` for items that are made anew, and anything else fails. Its type
 * is that of a list, as long as reports declare lists.
 */
export function passing<T>(begin: () => Iterator<T>): readonly T[] {
  const refuse = (key: PropertyKey): never => {
    throw new Error(`a list that may not be kept was asked for ${String(key)}`);
  };
  const handler: ProxyHandler<object> = {
    get: (_, key) => (key === Symbol.iterator ? begin : refuse(key)),
    has: (_, key) => refuse(key),
    ownKeys: () => refuse('all keys'),
  };
  return new Proxy({}, handler) as readonly T[];
}
