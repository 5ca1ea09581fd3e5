import type { Container } from '../../src/model/container.ts';
import type { Variable } from '../../src/model/environment.ts';
import type { Lookup, Reading } from '../../src/model/reading.ts';
import type { Location, Source } from '../../src/model/source.ts';
import { say } from '../../src/model/text.ts';
import { readCompose } from '../../src/readers/compose/compose.ts';

/** Files of a project by their names, all below the folder `ci`; the first is the base file unless `main` names others. */
export type Files = Readonly<Record<string, string>>;

/** A lookup in memory. Names that climb out of `ci` lie outside the audited folders. */
export function lookupIn(files: Files): Lookup {
  const sources = new Map<string, Source>();
  return (from, path, form) => {
    const steps = path.startsWith('/') ? [] : from.name.split('/').slice(0, -1);
    for (const step of path.split('/')) {
      if (step === '..') steps.pop();
      else if (step !== '.' && step !== '') steps.push(step);
    }
    const name = steps.join('/');
    const problem = { kind: 'unreadable', source: name, incomplete: true } as const;
    if (!name.startsWith('ci/')) return { ...problem, message: say`lies outside the audited folders` };
    const text = files[name.slice('ci/'.length)];
    if (text === undefined) return { ...problem, message: say`is not there` };
    const source = sources.get(name) ?? { name, form, text };
    sources.set(name, source);
    return source;
  };
}

export function readProject(
  files: Files,
  main: readonly string[] = Object.keys(files).slice(0, 1),
  environment?: ReadonlyMap<string, string>,
): Reading {
  const sources = main.map((name): Source => ({ name: `ci/${name}`, form: 'compose', text: files[name] ?? '' }));
  return readCompose(sources, { lookup: lookupIn(files), environment });
}

/** A compose file whose one service is the server with these lines. */
export function serviceFile(...lines: readonly string[]): string {
  return ['services:', '  drone:', '    image: drone/drone:2', ...lines.map((line) => `    ${line}`), ''].join('\n');
}

export function container(reading: Reading, name = 'drone'): Container {
  const found = reading.containers.find((each) => each.name === name);
  if (!found) throw new Error(`no service ${name}: ${reading.containers.map((each) => each.name).join(', ')}`);
  return found;
}

export function variable(reading: Reading, name: string, service = 'drone'): Variable {
  const found = container(reading, service).environment.variables.get(name);
  if (!found) throw new Error(`no variable ${name}`);
  return found;
}

/** Values by name; null for those that are not known. */
export function environmentOf(reading: Reading, service = 'drone'): Record<string, string | null> {
  const values: Record<string, string | null> = {};
  for (const { name, value } of container(reading, service).environment.variables.values())
    values[name] = value ?? null;
  return values;
}

/** The text at a place, with the name of its file. */
export function quoted(at: Location | undefined): string {
  return at ? `${at.source.name}: ${at.source.text.slice(at.span.start, at.span.end)}` : 'nowhere';
}
