import { parseGoBool, parseGoDuration, parseGoInt, parseMap, splitList } from '../facts/go-values.ts';
import { keepsBlankItem, typeOf } from '../facts/settings.ts';
import type { Component, SettingFact } from '../facts/settings-table.ts';
import { joinTexts, ownWords, say, type Text } from '../model/text.ts';

/** How a program reads the text of a setting. */
export interface Meaning {
  readonly text: Text;
  /** Whether the process refuses the text and does not start. */
  readonly fatal: boolean;
}

/** How many items are listed; the rest are counted. */
const maxItems = 10;

/**
 * How a component reads the text of a setting; undefined for plain texts. `shown` is the same text with its secrets
 * masked; only that is quoted. An empty text counts as set, and is not a boolean, number or duration
 * (kelseyhightower/envconfig envconfig.go Process).
 */
export function meaningOf(value: string, shown: string, fact: SettingFact, component: Component): Meaning | undefined {
  const refused = (what: Text): Meaning => ({
    text: say`not ${what}: the process will not start`,
    fatal: true,
  });
  const isKept = keepsBlankItem(component);
  switch (typeOf(fact, component)) {
    case 'bool': {
      const read = parseGoBool(value);
      return read === undefined ? refused(say`a boolean`) : { text: say`${String(read)}`, fatal: false };
    }
    case 'int': {
      const read = parseGoInt(value);
      return read === undefined ? refused(say`a whole number`) : { text: say`${String(read)}`, fatal: false };
    }
    case 'duration': {
      const read = parseGoDuration(value);
      return read === undefined ? refused(say`a duration`) : { text: say`${durationText(read)}`, fatal: false };
    }
    case 'list':
      return { text: listed(splitList(value, isKept).length, splitList(shown, isKept), 'item'), fatal: false };
    case 'map': {
      const { pairs, invalid } = parseMap(value, isKept);
      if (invalid.length > 0) return refused(say`a list of name:value pairs`);
      const keys = parseMap(shown, isKept).pairs.map(([key]) => key);
      return { text: listed(pairs.length, keys, 'pair'), fatal: false };
    }
    case 'enum': {
      const { values } = fact;
      if (!values || values.includes(value)) return undefined;
      const what = say`none of ${values.map((each) => `"${each}"`).join(', ')}`;
      const fatal = fact.closedIn?.includes(component) === true;
      return { text: fatal ? say`${what}: the process will not start` : what, fatal };
    }
    case 'string':
      return undefined;
  }
}

/** `2 items: "a", "b"`; only the number if masking changed how the text splits. */
function listed(amount: number, items: readonly string[], noun: 'item' | 'pair'): Text {
  const counted = say`${amount} ${ownWords(noun)}${amount === 1 ? '' : say`s`}`;
  if (amount === 0 || items.length !== amount) return counted;
  const quoted = items.slice(0, maxItems).map((item) => say`"${item}"`);
  return say`${counted}: ${joinTexts(quoted, ', ')}${amount > maxItems ? say`, \u2026` : ''}`;
}

/** A duration for people: `30m`, `1h30m`, `1.5s`. */
function durationText(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const size = Math.abs(milliseconds);
  if (size < 1000) return `${sign}${size}ms`;
  const hours = Math.floor(size / 3_600_000);
  const minutes = Math.floor((size % 3_600_000) / 60_000);
  const seconds = (size % 60_000) / 1000;
  return `${sign}${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}
