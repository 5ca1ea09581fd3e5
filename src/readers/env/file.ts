import { componentBinaries } from '../../facts/images.ts';
import { binarySearch } from '../../model/binary-search.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Problem } from '../../model/report.ts';
import type { Role } from '../../model/role.ts';
import { type Location, lineEndOf, lineOf, type Source } from '../../model/source.ts';
import { say, type Text } from '../../model/text.ts';
import { assignedSecrets, continuedSecrets, keyLines } from '../../secrets/assignments.ts';
import { isTemplateFile } from '../../secrets/weakness.ts';
import { secretsInScript } from '../secret-words.ts';
import { type ComposeVariables, readComposeEnv } from './compose.ts';
import { readDockerEnv } from './docker.ts';
import type { EnvEntry, Findings } from './findings.ts';
import { readGodotenv } from './godotenv.ts';
import { type RawVariable, readSettings } from './settings.ts';
import { readShellEnv } from './shell.ts';
import { readSystemdEnv } from './systemd.ts';

export type { EnvEntry } from './findings.ts';

/** The programs that read env files, each in its own way; see readers/env/. */
export type EnvDialect = 'compose' | 'docker' | 'systemd' | 'shell' | 'godotenv';

/**
 * Reads an env file in a dialect. Programs refuse a whole file because of one bad line; here the other lines are still
 * read, and the bad one is a problem. `variables` are those outside the file (Compose only); a reference that neither they
 * nor an earlier line resolve makes the value `dynamic`.
 */
export function parseEnv(
  source: Source,
  dialect: EnvDialect,
  variables: ComposeVariables = { find: () => undefined },
): { entries: EnvEntry[]; problems: Problem[] } {
  const found: Findings = { source, entries: [], problems: [] };
  switch (dialect) {
    case 'compose':
      readComposeEnv(found, variables);
      break;
    case 'docker':
      readDockerEnv(found);
      break;
    case 'systemd':
      readSystemdEnv(found);
      break;
    case 'godotenv':
      readGodotenv(found);
      break;
    case 'shell':
      readShellEnv(found);
      break;
  }
  return { entries: withoutRests(found), problems: found.problems };
}

/** The entries without those that are the rest of a secret: `REST` would pass for a name. */
function withoutRests({ source, entries }: Findings): EnvEntry[] {
  const rests = continuedSecrets(source);
  if (rests.length === 0) return entries;
  return entries.filter(({ name: { at } }) => {
    const next = rests[binarySearch(rests, ({ span }) => span.end > at.span.start)];
    return next === undefined || at.span.start < next.span.start;
  });
}

/** The component that a file is the configuration of: `/etc/drone-runner-exec/config`, as `service install` takes it. */
function ownerOf({ name }: Source): Role | undefined {
  return componentBinaries.get(/(?:^|\/)\.?(drone-runner-[a-z]+)\/config$/.exec(name)?.[1] ?? '');
}

/**
 * Reads an env file that is audited on its own: the settings of one component, if it holds any. The form `docker-env`
 * is read as docker does, a shell script as a shell does, anything else as Compose does. `ofProject`: the file is
 * beside a compose file, where a template will be copied to `.env` or to a file that a service names, so it is not a
 * component.
 */
export function readEnvFile(source: Source, ofProject = false): Reading {
  const dialect = dialectOf(source);
  const { entries, problems } = parseEnv(source, dialect);
  const start: Location = { source, path: '', span: { start: 0, end: firstLineEnd(source.text) } };
  const ofDrone = entries.some((entry) => entry.name.value.startsWith('DRONE_'));
  const isCopied = ofProject && isTemplateFile(source.name);
  const { settings, secrets } = readSettings({
    owner: source.name,
    label: say`${source.name}`,
    at: start,
    raw: entries.map((entry) => rawOf(entry)),
    gaps: gapsOf(source, isCopied),
    role: ofDrone ? (isCopied ? 'unknown' : ownerOf(source)) : undefined,
    live: false,
  });
  const printed = secretsInScript([
    { value: source.text, at: { ...start, span: { start: 0, end: source.text.length } } },
  ]);
  const allSecrets = [...secrets, ...looseSecrets(source, entries, secrets), ...printed];
  const hasRole = settings.role !== 'other' && settings.role !== 'unknown';
  if (!ofDrone && !hasRole) return { ...emptyReading, secrets: allSecrets };
  const gaps =
    hasRole || isCopied
      ? settings.gaps
      : [...settings.gaps, say`it is not known which component reads "${source.name}"`];
  return {
    ...emptyReading,
    settings: [{ ...settings, gaps, complete: gaps.length === 0 }],
    problems: [...problems, ...(isCopied ? [] : notAsItWillBe(source))],
    unknown: [
      ...gaps.map((message) => ({ at: start, message })),
      ...(dialect === 'compose' ? dialectNotes(source, entries, start) : []),
    ],
    secrets: allSecrets,
  };
}

/** Whether SOPS has encrypted the values, each by itself. */
function isEncrypted({ text }: Source): boolean {
  return /^\w{1,200}=ENC\[AES256_GCM,/m.test(text);
}

/** Why a file is not what its reader will get. */
function notAsItWillBe(source: Source): readonly Problem[] {
  const message = isEncrypted(source)
    ? say`is encrypted by SOPS, so that its values are not known; audit it decrypted`
    : isTemplate(source)
      ? say`is a template; render it first`
      : undefined;
  return message ? [{ kind: 'unsupported', source: source.name, message, incomplete: true }] : [];
}

/** What leaves the values of a file open. */
function gapsOf(source: Source, isCopied: boolean): readonly Text[] {
  if (isCopied) return [say`"${source.name}" is a template for another file`];
  if (isTemplate(source)) return [say`"${source.name}" is a template that was not rendered`];
  return isEncrypted(source) ? [say`"${source.name}" is encrypted by SOPS`] : [];
}

/** An entry in the form that the settings reader takes: a dynamic value is unresolved, a default is a fallback. */
export function rawOf({ name, value, dynamic, fallback }: EnvEntry, usedAt?: Location): RawVariable {
  const origin = !value || dynamic ? 'unresolved' : fallback ? 'fallback' : 'literal';
  return { name, value, origin, usedAt, heldBy: 'env-file' };
}

function dialectOf(source: Source): EnvDialect {
  if (source.form === 'docker-env') return 'docker';
  if (source.form === 'systemd') return 'systemd';
  return /\.(?:ba|z)?sh$/.test(source.name) || source.text.startsWith('#!') ? 'shell' : 'compose';
}

function isTemplate(source: Source): boolean {
  return /\.(?:tpl|tmpl|j2|erb|gotmpl)$/.test(source.name) || /^[ \t]*(?:\{%|\{\{|<%)/m.test(source.text);
}

function firstLineEnd(text: string): number {
  const end = text.search(/[\r\n]|$/);
  return end < 0 ? text.length : end;
}

/** How many lines one note names. */
const maxLines = 8;

/** Where `docker run --env-file` would give a variable a different value than Compose does. */
function dialectNotes(source: Source, entries: readonly EnvEntry[], at: Location): Reading['unknown'] {
  const values = new Map<number, string>();
  for (const { name, value } of parseEnv(source, 'docker').entries)
    if (value) values.set(name.at.span.end, value.value);
  const lines = entries
    .filter(({ name, value }) => {
      const other = values.get(name.at.span.end);
      return value && other !== undefined && other !== value.value;
    })
    .map(({ name }) => lineOf(name.at));
  if (lines.length === 0) return [];
  const named = lines.slice(0, maxLines).join(', ');
  const more = lines.length > maxLines ? ` and ${lines.length - maxLines} more` : '';
  const which = lines.length === 1 ? `line ${named}` : `lines ${named}${more}`;
  const message = say`read as Compose does; docker run --env-file keeps the quotes, comments and references of ${which}`;
  return [{ at, message }];
}

/**
 * Secrets outside the values that were read: in assignments that are commented out or hidden by a broken quote, and
 * after the closing quote of a value. Of values over several lines, which are keys and the like, whatever they are called, the
 * lines below the first.
 */
function looseSecrets(source: Source, entries: readonly EnvEntry[], secrets: readonly Location[]): Location[] {
  const read = new Set(entries.map(({ name }) => lineOf(name.at)));
  const places = [...keyLines(source), ...assignedSecrets(source).filter((at) => !read.has(lineOf(at)))];
  if (dialectOf(source) !== 'shell')
    for (const { value } of entries) {
      const { start = 0, end = 0 } = value?.at.span ?? {};
      const next = source.text.indexOf('\n', start) + 1;
      if (value && next > start && next < end) places.push({ ...value.at, span: { start: next, end } });
    }
  const values = new Set(entries.flatMap(({ value }) => (value ? [value.at.span.end] : [])));
  for (const { span, path } of secrets) {
    if (!values.has(span.end)) continue;
    const end = lineEndOf(source.text, span.end);
    const rest = source.text.slice(span.end, end);
    if (!/^["']?\s*(?:#.*)?$/.test(rest)) places.push({ source, path, span: { start: span.end, end } });
  }
  return places;
}
