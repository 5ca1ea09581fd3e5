import { encryptedBySops, proseOrCode, sealed, type UnreadForm, unreadForms } from '../facts/unread-forms.ts';
import { fileName } from '../model/file-name.ts';
import type { Mention, Problem } from '../model/report.ts';
import { type Location, positionOf, type Source } from '../model/source.ts';
import { ownWords, say, type Text } from '../model/text.ts';
import { type NamedPlace, namedPlaces } from './drone-names.ts';
import { isKustomization, isPipelineName, isWoodpecker } from './file-names.ts';
import { isDroneSetting } from './kubernetes/names.ts';

/*
 * What a text that no reader understands says of a Drone installation: so that silence about it is not taken for
 * "nothing found".
 */

/** The first place of a text that speaks of Drone. */
type Place = Pick<Mention, 'what' | 'line'> & Pick<NamedPlace, 'startsNothing'>;

/** How texts begin, or what their values begin with, that are encrypted. */
const encryptionMarks = [
  '$ANSIBLE_VAULT;',
  'age-encryption.org/v1',
  'BEGIN PGP MESSAGE',
  'BEGIN AGE ENCRYPTED FILE',
  'ENC[AES256_GCM,',
];

/** Whether a text is encrypted, as a whole or by its values, so that nobody knows what it says. */
export function isEncrypted(text: string): boolean {
  return sealed.test(text) || encryptedBySops.test(text);
}

/** Whether bytes may be of a form that `recognise` knows, where their name could be of one: all have one of these. */
export function mayBeRecognised(bytes: Buffer): boolean {
  return [
    'drone',
    'DRONE',
    'Drone',
    'HostConfig',
    'kind',
    'pipeline',
    'services',
    'include',
    'patches',
    'SECRET_KEY',
    ...encryptionMarks,
  ].some((mark) => bytes.includes(mark));
}

/** Whether bytes may hold a mention: all have one of these. Cheap, for each file of a large tree; what is rare comes first. */
export function mayMention(bytes: Buffer): boolean {
  const holds = (...marks: readonly string[]): boolean => marks.every((mark) => bytes.includes(mark));
  return holds('drone') || holds('DRONE_') || holds('kind:', 'pipeline', 'steps');
}

/**
 * The first mention in a text, one that starts nothing or may not mean Drone only if there is no other; undefined if there
 * is none.
 */
export function mentionIn(text: string): Place | undefined {
  let startsNone: Place | undefined;
  let maybe: Place | undefined;
  for (const { what, startsNothing, index } of namedPlaces(text)) {
    const place = { what, startsNothing, line: lineAt(text, index) };
    if (!isCertain(place)) maybe ??= place;
    else if (startsNothing) startsNone ??= place;
    else return place;
  }
  return startsNone ?? pipelineIn(text) ?? maybe;
}

/** Whether a place can only mean Drone. What pulls an image may start it as well, but for a script, which shows all it does. */
export function isCertain({ what, startsNothing }: Place, form?: UnreadForm): boolean {
  return what !== 'a name that Drone has' && !(startsNothing && form?.isScript);
}

function mentionOf(source: string, { what, line }: Place): Mention {
  return { source, what, line };
}

/**
 * The first mention in a source outside the lines of the places that a reader took something from, and outside of
 * comments.
 */
function mentionBeside(source: Source, taken: readonly Location[]): Place | undefined {
  const lines = new Set<number>();
  for (const { span } of taken)
    for (let { line } = positionOf(source, span.start), end = positionOf(source, span.end).line; line <= end; line++)
      lines.add(line);
  for (const { what, startsNothing, index } of namedPlaces(source.text)) {
    if (startsNothing) continue;
    const start = source.text.lastIndexOf('\n', index) + 1;
    if (/^\s*(?:#|\/\/|--|;)/.test(source.text.slice(start, index))) continue;
    const { line } = positionOf(source, index);
    if (!lines.has(line)) return { what, line };
  }
  return undefined;
}

function pipelineIn(text: string): Place | undefined {
  if (!text.includes('kind:')) return undefined;
  const found = /^[ \t>]{0,40}kind:[ \t]{1,8}["']?pipeline\b/m.exec(text);
  return found && /^[ \t>]{0,40}steps:/m.test(text.slice(found.index, found.index + 4000))
    ? { what: 'a pipeline', line: lineAt(text, found.index) }
    : undefined;
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** How much of a text tells its form. */
const maxHead = 200_000;

/** The form of a text in which Drone is deployed, though no reader takes it; undefined for prose and source code. */
export function unreadFormOf(name: string, text: string): UnreadForm | undefined {
  const head = text.slice(0, maxHead);
  const fits = (form: UnreadForm): boolean => !form.text || form.text.test(head);
  const byPath = unreadForms.find((form) => form.path?.test(name) && fits(form));
  if (byPath || proseOrCode.test(name)) return byPath;
  return unreadForms.find((form) => !form.path && fits(form)) ?? (isDeployment.test(head) ? otherForm : undefined);
}

const otherForm: UnreadForm = { as: 'a form of deployment' };
/** A key or attribute for an image or the environment, as formats of configuration have them. */
const isDeployment =
  /(?<![\w.-])["'<]?(?:image|repository|image_?name|container_image|environment|env|env_vars|variables|from)["'>]?[ \t]{0,20}[:=>]|^[ \t]{0,20}\[env(?:ironment)?\]/im;

/**
 * What is to be said of a text without a reader: a problem where Drone is deployed in it, a mention where it is only
 * spoken of; undefined where it has nothing to do with Drone.
 */
export function unreadMention(name: string, text: string): Problem | Mention | undefined {
  if (isWoodpecker(name) && /^(?:pipeline|steps):/m.test(text)) {
    const message = say`looks like a pipeline of Woodpecker, not of Drone`;
    return { kind: 'unsupported', source: name, message, incomplete: false };
  }
  const place = placeIn(name, text);
  if (!place && !isPipelineName(name) && !isSealed(name, text)) return undefined;
  const form = unreadFormOf(name, text);
  if (place && (!form || !isCertain(place, form))) return mentionOf(name, place);
  return unread(name, place, say`looks like ${form?.as ?? 'another format'}${withPlace(place)}, and was not read`);
}

/** The first mention in a text, or what the name of the file makes one. */
function placeIn(name: string, text: string): Place | undefined {
  const place = mentionIn(text);
  if (place) return place;
  // In a folder that a supervisor reads variables from (envdir), the file's name is that of the variable.
  if (isDroneSetting(fileName(name))) return { what: 'a setting of Drone', line: 1 };
  // What a kustomization brings together is elsewhere; it only has names.
  const named = isKustomization(name) ? /(?<![\w#-])drone(?!\w)/.exec(text) : null;
  return named ? { what: 'a name that Drone has', line: lineAt(text, named.index) } : undefined;
}

/** Whether a file that is Drone's by its name is encrypted as a whole; `drone.yml` is often another program's. */
function isSealed(name: string, text: string): boolean {
  return sealed.test(text) && /drone/i.test(fileName(name)) && !/\.ya?ml$/i.test(name);
}

/** The problem of a source that was recognised, and of which nothing was understood though it speaks of Drone. */
export function unreadSource({ name, text }: Source): Problem | Mention | undefined {
  const place = placeIn(name, text);
  const form = unreadFormOf(name, text);
  // Other objects of the same file formats have nothing to do with a deployment: a namespace, a role.
  if (!place && !form?.text) return undefined;
  if (place && ((!form && proseOrCode.test(name)) || !isCertain(place, form))) return mentionOf(name, place);
  const message = form
    ? say`looks like ${form.as}${withPlace(place)}, and was not read`
    : say`is a file${withPlace(place)} of which nothing was understood`;
  return unread(name, place, message);
}

/**
 * What is to be said of a script or page of which a reader took something: `taken` are the places. Commands of a script
 * and blocks of a page that were not understood may deploy Drone as well.
 */
export function unreadRest(source: Source, taken: readonly Location[]): Problem | Mention | undefined {
  const place = mentionBeside(source, taken);
  if (!place) return undefined;
  if (proseOrCode.test(source.name) || !isCertain(place)) return mentionOf(source.name, place);
  const message = say`has ${ownWords(place.what)} in a part that was not understood`;
  return unread(source.name, place, message);
}

function withPlace(place: Place | undefined): Text {
  return place ? say` with ${ownWords(place.what)} in it` : say``;
}

function unread(source: string, place: Place | undefined, message: Text): Problem {
  return { kind: 'unsupported', source, line: place?.line, message, incomplete: true };
}
