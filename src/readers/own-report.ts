import type { Form } from '../model/source.ts';

/*
 * Reports of drone-audit quote what was read, so that one that is kept in an audited folder speaks of Drone in each line.
 * It is told by what it holds. Those who write to a repository could begin any file as a report begins: what is taken for
 * one must be of no use as a deployment, by its name and as a whole.
 */

/** Larger reports are not told from other files (bytes). */
export const maxReport = 16 * 1024 * 1024;

/** How much of a text is looked at before all of it is (UTF-16 units). */
const headLength = 4000;

/** The endings of reports, and names without any. */
const reportName = /(?:^|\/)(?:[^/.]+|[^/]*\.(?:txt|json|jsonl|sarif|xml|md|html|csv|unix|log))$/i;
const deploymentName = /(?:^|\/)(?:(?:docker-)?compose[^/]*|values[^/]*|kustomization|[^/]*\.?env|DRONE_[A-Z0-9_]+)$/i;

/** Whether a report of drone-audit may have this path. */
export function mayBeReportName(name: string): boolean {
  return reportName.test(name) && !deploymentName.test(name) && !/(?:^|\/)\.drone/i.test(name);
}

/**
 * Whether a text is a report of drone-audit. `formOf` tells in which form it would be read otherwise, and is asked only of
 * a text whose beginning alone makes it a report.
 */
export function isOwnReport(name: string, written: string, formOf: () => Form | 'fault' | undefined): boolean {
  if (!mayBeReportName(name)) return false;
  const text = asReported(written);
  const head = text.slice(0, headLength);
  if (/^\s*[[{]/.test(head)) return ownJson.test(head) && isJsonReport(text);
  if (/^<(?:\?xml|!doctype)/.test(head)) return isMarkupReport(text, head);
  // A script may have no ending.
  if (!name.includes('.', name.lastIndexOf('/') + 1) || !isTextReport(text, head)) return false;
  // Commands are quoted in reports. A list of variables or a unit of systemd would only be disguised.
  const form = formOf();
  return form === undefined || form === 'docker-run';
}

/** What shells and editors add to a report that is kept: a byte order mark, and the line ends of Windows. */
function asReported(text: string): string {
  const unmarked = text.startsWith('\ufeff') ? text.slice(1) : text;
  return unmarked.includes('\r\n') ? unmarked.replaceAll('\r\n', '\n') : unmarked;
}

const ownJson = /"name":\s*"drone-audit"|"tool":\s*"drone-audit |"check_name":|"pedantic":/;

const reportKeys: ReadonlySet<string> = new Set([
  'version',
  'tool',
  'scope',
  'summary',
  'findings',
  'problems',
  'coverage',
  'ways',
  'population',
  'sources',
  'rules',
  'controls',
  'config',
  'suppressed',
  'shard',
]);
const sarifKeys: ReadonlySet<string> = new Set(['$schema', 'version', 'runs']);
const cardKeys: ReadonlySet<string> = new Set(['schema', 'data']);
/** Of `paths`. */
const waysKeys: ReadonlySet<string> = new Set(['tool', 'ways', 'closed', 'notKnown', 'cut', 'matrix']);
/** Of `explain --effective`. */
const effectiveKeys: ReadonlySet<string> = new Set(['version', 'tool', 'components', 'problems']);
const ruleKeys: ReadonlySet<string> = new Set([
  'id',
  'family',
  'on',
  'severity',
  'confidence',
  'pedantic',
  'title',
  'why',
  'fix',
  'standards',
  'since',
]);
const gitlabKeys: ReadonlySet<string> = new Set([
  'type',
  'check_name',
  'description',
  'severity',
  'fingerprint',
  'location',
]);

/** No form of a deployment gets by with the keys of a report. */
function isJsonReport(text: string): boolean {
  const whole = parsed(text);
  if (whole === undefined) return isJsonLines(text);
  if (Array.isArray(whole)) return whole.length > 0 && (whole.every(isGitlabEntry) || whole.every(isRuleEntry));
  if ([reportKeys, effectiveKeys, waysKeys].some((keys) => hasOnly(whole, keys)))
    return isOurs(property(whole, 'tool'));
  if (hasOnly(whole, cardKeys)) return String(property(property(whole, 'data'), 'tool')).startsWith('drone-audit ');
  const runs = hasOnly(whole, sarifKeys) ? property(whole, 'runs') : undefined;
  return (
    Array.isArray(runs) && runs.length > 0 && runs.every((run) => isOurs(property(property(run, 'tool'), 'driver')))
  );
}

function isGitlabEntry(entry: unknown): boolean {
  return hasOnly(entry, gitlabKeys) && property(entry, 'type') === 'issue';
}

/** Of the list of `rules`. */
function isRuleEntry(entry: unknown): boolean {
  return hasOnly(entry, ruleKeys) && typeof property(entry, 'pedantic') === 'boolean';
}

/** The first line tells of the run. Of the others, each is a whole value, which no reader of a deployment takes. */
function isJsonLines(text: string): boolean {
  const [first = '', ...others] = text.trimEnd().split('\n');
  const run = parsed(first);
  if (property(run, 'type') !== 'run' || !isOurs(property(run, 'tool')) || others.length === 0) return false;
  return others.every((line) => typeof property(parsed(line), 'type') === 'string');
}

function isOurs(tool: unknown): boolean {
  return property(tool, 'name') === 'drone-audit';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function hasOnly(value: unknown, keys: ReadonlySet<string>): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).every((key) => keys.has(key));
}

/** Markup is no YAML, unless a document of it begins in a later line, and no list of variables. */
function isMarkupReport(text: string, head: string): boolean {
  if (/^(?:---|\.\.\.)/m.test(text)) return false;
  return head.startsWith('<?xml')
    ? /^<\?xml version="1\.0" encoding="UTF-8"\?>\s{0,9}<testsuites name="drone-audit" /.test(head) &&
        /<\/testsuites>\s*$/.test(text.slice(-headLength))
    : /^<!doctype html>\n<html lang="en">/.test(head) &&
        /<title>[^<\n]{0,2000}\(drone-audit\)<\/title>/.test(head) &&
        /<\/html>\s*$/.test(text.slice(-headLength));
}

const csvHeads = ['status,severity,rule,file,line,column,', 'standard,version,control,title,result,'];
const unixLine = /^[^\n]{1,5000}:\d+:\d+: (?:critical|high|medium|low|info|incomplete|note) [a-z][a-z0-9-]*: /;
/** What `--color always` writes. */
const colours = /\u001b\[\d{1,3}m/g;
const githubLine = /^::(?:error|warning|notice) file=/;

function isTextReport(text: string, head: string): boolean {
  // Shells that read another encoding make several characters of the dot.
  if (/^drone-audit \d+\.\d+\.\d+[\w.+-]{0,40} [\u0080-\uffff]{1,3} /.test(head.replace(colours, ''))) return true;
  if (head.startsWith('<!-- drone-audit -->\n### drone-audit: ')) return true;
  return csvHeads.some((columns) => head.startsWith(columns)) || isLineReport(text);
}

/** Reports of lines have no head; their last line is the verdict. */
function isLineReport(text: string): boolean {
  const first = text.slice(0, Math.max(0, text.indexOf('\n')));
  if (!unixLine.test(first) && !githubLine.test(first)) return false;
  const lines = text.trimEnd().split('\n');
  const verdict = lines.pop() ?? '';
  return verdict.startsWith('drone-audit: ') && lines.every((line) => unixLine.test(line) || githubLine.test(line));
}
