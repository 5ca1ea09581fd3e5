import type { Finding, MaskedLocation } from '../model/report.ts';
import { lineOf } from '../model/source.ts';
import { visible } from './escape.ts';

/** How many of each a format lists that shows a finding on one line. */
const mostInLine = 2;

/** A place that belongs to a finding, with what is said of it: what the finding opens, and where else it shows. */
export interface Further {
  readonly at: MaskedLocation;
  /** `opens critical docker-socket-volume: …`, or `also: …`. */
  readonly words: string;
}

/** What a finding opens and where else it shows, in this order. */
export function furtherOf({ consequences, related }: Pick<Finding, 'consequences' | 'related'>): readonly Further[] {
  return [
    ...consequences.map(({ at, severity, rule, message }) => ({ at, words: `opens ${severity} ${rule}: ${message}` })),
    ...related.map(({ at, message }) => ({ at, words: `also: ${message}` })),
  ];
}

/** What a finding opens: `critical docker-socket-volume (line 31)`, and of the others how many. */
export function opensInLine({ at, consequences }: Finding, most = mostInLine): string {
  return inLine(
    consequences.map((each) => `${each.severity} ${each.rule} (${placeBeside(each.at, at)})`),
    most,
  );
}

/** Where else a finding shows: `line 17, compose.yml:9 and 3 more`. Lines that the finding stands in itself tell nothing. */
export function alsoInLine({ at, related }: Finding, most = mostInLine): string {
  const places = new Set(related.map((each) => placeBeside(each.at, at)));
  places.delete(placeBeside(at, at));
  return inLine([...places], most);
}

/** The end of a message for formats that show a finding on one line: what else there is to mend, so that it is not met only afterwards. */
export function furtherInLine(finding: Finding): string {
  const [opens, also] = [opensInLine(finding), alsoInLine(finding)];
  return `${opens && `; opens ${opens}`}${also && `; see also ${also}`}`;
}

function placeBeside(place: MaskedLocation, at: MaskedLocation): string {
  return place.source.name === at.source.name
    ? `line ${lineOf(place)}`
    : `${visible(place.source.name)}:${lineOf(place)}`;
}

function inLine(entries: readonly string[], most: number): string {
  const rest = entries.length - most;
  return entries.slice(0, most).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
