/* How values are taken from an answer whose shape nobody guarantees. */

/** The value below some keys of an answer; undefined if the answer has another shape. */
export function field(value: unknown, ...keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    found = Reflect.get(found, key);
  }
  return found;
}

/** A text of an answer; empty where there is none. */
export function textIn(value: unknown, ...keys: readonly string[]): string {
  const found = field(value, ...keys);
  return typeof found === 'string' ? found : '';
}

/** A number of an answer; 0 where there is none, as Go leaves it out. */
export function numberIn(value: unknown, ...keys: readonly string[]): number {
  const found = field(value, ...keys);
  return typeof found === 'number' && Number.isFinite(found) ? found : 0;
}

/** A switch of an answer; a missing key means false, as Go leaves it out. */
export function flagIn(value: unknown, ...keys: readonly string[]): boolean {
  return field(value, ...keys) === true;
}

/** What a text holds as JSON; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
