import { commonNames, componentImages, mirroredNames } from '../facts/images.ts';
import { isDistinctSetting, isSecretName } from '../facts/settings.ts';
import type { Mention } from '../model/report.ts';
import { isDroneSetting } from './kubernetes/names.ts';

/*
 * What names Drone in a text of any form: its images, charts, programs and settings.
 */

/** Something that names Drone, and where. */
export interface NamedPlace {
  readonly what: Mention['what'];
  readonly index: number;
  /** Of an image: whether its command pulls it, passes it on or removes it, so that nothing is deployed by that. */
  readonly startsNothing?: boolean;
}

/** Every place of a text that names Drone: images, charts and programs before settings. */
export function* namedPlaces(text: string): Generator<NamedPlace> {
  for (const { index } of text.matchAll(encoded)) yield { what: 'a setting of Drone', index };
  // All others have the word in them, and most texts have not.
  if (!/drone/i.test(text)) return;
  for (const match of text.matchAll(names)) {
    const what = whatIsNamed(text, match);
    if (what) yield { what, index: match.index, startsNothing: startsNothing(commandBefore(text, match.index)) };
  }
  for (const { index } of text.matchAll(chart)) yield { what: 'a chart of Drone', index };
  for (const { index } of text.matchAll(download)) yield { what: 'a program of Drone', index };
  for (const { index } of text.matchAll(role)) yield { what: 'a role for Drone', index };
  for (const match of text.matchAll(setting))
    if (isEvidence(match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''))
      yield { what: 'a setting of Drone', index: match.index };
}

/** Images of Drone's own namespace and of forks; what only builds use is no deployment. */
const ownImages = [...componentImages].filter(([name, { role }]) => /drone/.test(name) && role !== 'other');
const names = new RegExp(
  String.raw`(?<![\w-])(?:${[...ownImages.map(([name]) => name), ...mirroredNames]
    .map((name) => name.replaceAll('.', '\\.'))
    .sort((a, b) => b.length - a.length)
    .join('|')})(?![\w/#-]|\.\w)`,
  'g',
);

/** The address of a page or a service is no image, and neither is that of a repository. */
const address = /^(?!docker:|oci:)[a-z][a-z+]{0,20}:\/\//;
const sourceHost =
  /(?:github\.com|gitlab\.com|githubusercontent\.com|pkg\.go\.dev|hub\.docker\.com\/r|api\/repos|repos)[/:]/;
/** A host before a name, `harbor.example:5000/`. */
const registry = /^(?:(?:docker|oci):\/\/)?(?:[\w-]+(?:\.[\w-]+)*(?:\.[a-z]{2,}|:\d+)|localhost)\//;
/** A key or an instruction whose value is an image; `image_path` is none. */
const imageKey =
  /(?:image(?:s|[_-]?(?:name|ur[il]|ref|repository))?|repository(?:[_-]?(?:name|ur[il]))?)["'\])]{0,3}[ \t]{0,8}[:=>]{0,2}[ \t]{0,8}["'`([]{0,3}$|^[ \t]{0,8}from[ \t]{1,8}(?:--platform=\S{1,40}[ \t]{1,8})?$|--from=$/i;
const imageCommand = [
  /\b(?:docker|podman|nerdctl|crictl|ctr|skopeo)[ \t]/,
  /\b(?:run|create|pull|push|tag|save|copy|inspect)[ \t]/,
];
const chartCommand = [/\bhelm[ \t]/, /\b(?:install|upgrade|template|pull|fetch)[ \t]/];

/** How much of a text before a name tells what the name is. */
const maxHead = 500;

/**
 * What a name is where it stands. Most are also the names of folders, `src/drone/server`: an image has a tag, a
 * registry, a key or a command before it.
 */
function whatIsNamed(text: string, { 0: name, index }: RegExpExecArray): Mention['what'] | undefined {
  const head = commandBefore(text, index);
  let wordStart = head.length;
  while (wordStart > 0 && /[\w.:/@${}%<>~-]/.test(head[wordStart - 1] ?? '')) wordStart--;
  const before = head.slice(0, wordStart);
  const prefix = head.slice(wordStart);
  const tail = text.slice(index + name.length, index + name.length + 20);
  const isWhole = name.includes('/');
  const certain = (what: Mention['what']): Mention['what'] => (commonNames.has(name) ? 'a name that Drone has' : what);

  if (address.test(prefix) || sourceHost.test(prefix)) return undefined;
  if (!isWhole && (/bin\/$/.test(prefix) || (prefix === '' && isStarted(before, tail))))
    return certain('a program of Drone');
  // A path, and one that is mounted.
  if (/^[./~]/.test(prefix) || /^:[./~]/.test(tail)) return undefined;
  const command = lastCommand(before);
  const isCommand = (words: readonly RegExp[]): boolean => words.every((word) => word.test(command));
  if (isWhole && isCommand(chartCommand)) return 'a chart of Drone';
  const isKeyed = imageKey.test(before);
  const hasTag = /^(?::[\w${<%]|@sha256:)/.test(tail);
  if (!isWhole && prefix === '' && !isKeyed) return undefined;
  const isNamedAlone = prefix === '' && /drone-(?:runner|oss)-/.test(name);
  const isCommanded = isCommand(imageCommand) && (prefix === '' || /^[${}%<]/.test(prefix));
  const isImage = isKeyed || hasTag || registry.test(prefix) || isNamedAlone || isCommanded;
  return isImage ? certain('an image of Drone') : undefined;
}

/** Whether a program stands where it is started: `exec drone-server`, `drone-runner-exec daemon`. */
function isStarted(before: string, tail: string): boolean {
  return /\bexec[ \t]{1,8}$/.test(before) || /^[ \t]{1,8}(?:daemon|service|agent|server|exec)\b/.test(tail);
}

function lastCommand(text: string): string {
  return text.slice(Math.max(...[';', '&', '|'].map((sign) => text.lastIndexOf(sign))) + 1);
}

/** A program of images, its flags, and what it is to do; captured where that starts nothing. */
const imageProgram =
  /\b(?:docker|podman|nerdctl|crictl|ctr|skopeo)(?:\.exe)?(?:[\s\\]{1,40}-\S{1,80}(?:[\s\\]{1,40}[^-\s\\]\S{0,200})??){0,6}[\s\\]{1,40}(?:(pull|push|tag|save|rmi|history|inspect|images?|copy)|run|create|container|service|compose)(?=\s|$)/g;

/** Whether the programs of a command only handle images. */
function startsNothing(before: string): boolean {
  const verbs = [...lastCommand(before).matchAll(imageProgram)].map(([, verb]) => verb);
  return verbs.length > 0 && !verbs.includes(undefined);
}

/** What stands before a place in its line, and in the lines that this one continues. */
function commandBefore(text: string, index: number): string {
  const lines = text.slice(Math.max(0, index - maxHead), index).split('\n');
  let first = lines.length - 1;
  while (first > 0 && /[\\`^]\r?$/.test(lines[first - 1] ?? '')) first--;
  return lines.slice(first).join(' ');
}

const chart = new RegExp(
  [
    String.raw`\bcharts\.drone\.io\b`,
    String.raw`\bchart["']?[ \t]*[:=][ \t]*["']?(?:[\w.-]+\/)?DRONE["']?[ \t]*(?:[,}#]|$)`,
    String.raw`\bchart:\s{1,40}(?:\{[ \t]{0,4})?(?:(?:repository|version):[^\n,]{1,200}[\n,]\s{0,40}){0,2}name:[ \t]{0,4}["']?DRONE(?![\w-])`,
    String.raw`\boci:\/\/[\w.:/-]{1,200}\/DRONE(?![\w/-])`,
  ]
    .join('|')
    .replaceAll('DRONE', 'drone(?:-runner-(?:docker|kube)|-kubernetes-secrets)?'),
  'gm',
);
/** Releases of the runners, which are programs of their own (docs.drone.io/runner/exec/installation). */
const download =
  /\bdrone-runners\/drone-runner-\w{1,20}\/releases\b|\bdrone[-_]runner[-_]\w{1,20}_(?:linux|windows|darwin|freebsd)_/g;
const role = /(?<![\w.-])(?:role|src):[ \t]{0,8}["']?[\w-]{1,60}\.drone(?![\w.-])/g;
/** `DRONE_` in base64, at each of the three places in a group: an env file in a Secret. */
const encoded = /RFJPTkVf|RST05FX|EUk9ORV/g;
/** `NAME=`, `NAME: `, `name: NAME`, `ENV NAME value`, `<key>NAME</key>`; not what reads it, `${NAME:-x}`. */
const setting =
  /(?<![$\w{%-])(?:CLIENT_)?(DRONE_[A-Z0-9_]{2,60})["']?[ \t]{0,8}(?:[:?+]?=(?![=~])|:(?!:))|(?:\bname|\bkey|\bsecretKey|\btarget|\bvariable)["']?[ \t]{0,8}[:=]?[ \t]{0,8}["']?(?:[\w-]{1,40}\.){0,4}(DRONE_[A-Z0-9_]{2,60})\b|(?:\bENV|\bsetenv|\bset(?:[ \t]-\w{1,3}){0,3}|\benv:|<key>)[ \t]{0,8}(DRONE_[A-Z0-9_]{2,60})\b|\bexport[ \t]{1,8}(DRONE_[A-Z0-9_]{2,60})[ \t]{1,8}[^\s&|;#]/gi;

/**
 * Ansible and Terraform write the same names in lower case, as roles of many kinds do: there, only what holds a secret or
 * an account is told by its name.
 */
function isEvidence(name: string): boolean {
  const upper = name.toUpperCase();
  return isDroneSetting(upper) && isDistinctSetting(upper) && (name === upper || isSecretName(upper) !== 'no');
}
