import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Conditions, PipelineStream, Step } from '../../src/model/pipeline.ts';
import type { Reading } from '../../src/model/reading.ts';
import { type Location, lineOf } from '../../src/model/source.ts';
import type { Text } from '../../src/model/text.ts';
import { readPipelines } from '../../src/readers/pipeline/stream.ts';
import { plain } from '../support/text.ts';

/*
 * Verdicts of Drone's own parsers and linters. Messages are compared without the values that Go quotes in them, which
 * are left out here on purpose, because they may be secrets.
 */

const yamlOracle = '../shared/oracle/yaml.json';
const linterOracle = '../shared/oracle/linter.json';

function load<T>(path: string): readonly T[] {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).cases : [];
}

function read(text: string): Reading {
  return readPipelines({ name: '.drone.yml', form: 'drone', text });
}

type Refusal = PipelineStream['refusals'][number];

function refusals(reading: Reading): readonly Refusal[] {
  return reading.streams.flatMap((stream) => stream.refusals);
}

const messageOf = ({ message }: { readonly message: Text }): string => plain(message);
const isLint = (refusal: Refusal): boolean => plain(refusal.message).startsWith('linter:');
const isParserLint = (refusal: Refusal): boolean => plain(refusal.message).startsWith('Linter:');

/** The type errors in one message of Go, without quoted values: `7: cannot unmarshal !!str into []string`. */
function typeErrors(message: string): string[] {
  return [...message.matchAll(/line (\d+): (cannot unmarshal \S+)(?: `[^`]*`)? into (\S+)/g)].map(
    ([, line, what, into]) => `${line}: ${what} into ${into}`,
  );
}

/** Compares what one program of Drone's said of a text with what the reader says. */
function expectParse(expected: string | null, found: readonly Refusal[], reading: Reading, by: string): void {
  if (expected === null) {
    expect(found, by).toEqual([]);
    return;
  }
  const types = typeErrors(expected);
  if (types.length > 0) {
    // Its linters are not asked once the decoder has refused.
    const told = found
      .filter((refusal) => !isParserLint(refusal))
      .map(({ message, at }) => `${lineInDocument(at)}: ${plain(message)}`);
    for (const type of types) expect(told.map(withoutPackage), by).toContain(withoutPackage(type));
    expect(told.length, by).toBe(types.length);
  } else if (/^yaml: (?:line|unknown anchor)/.test(expected)) expect(reading.problems.length, by).toBeGreaterThan(0);
  else expect(found.slice(0, 1).map(messageOf), by).toEqual([expected]);
}

/** Go counts lines from the separator on. */
function lineInDocument(at: Location): number {
  const separator = `\n${at.source.text.slice(0, at.span.start)}`.lastIndexOf('\n---');
  return separator < 0 ? lineOf(at) : lineOf(at) - lineOf({ ...at, span: { start: separator, end: separator } });
}

/** A place that server and runner refuse alike is told once, with the server's name of the type. */
function withoutPackage(message: string): string {
  return message.replace(/(?:yaml|resource|manifest)\.\w+$/, 'T').replace(/(?:int64|float64)$/, 'number');
}

interface YamlCase {
  readonly name: string;
  readonly yaml: string;
  readonly serverParse: string | null;
  readonly serverKinds?: readonly string[];
  readonly serverTriggers?: readonly { name: string; type: string; trigger: Record<string, GoCondition> }[];
  readonly serverLint?: string | null;
  readonly runnerParse?: string | null;
  readonly runnerResources?: readonly GoPipeline[] | null;
  readonly runnerLintTrusted?: string | null;
  readonly runnerLintUntrusted?: string | null;
}

interface GoCondition {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

interface GoStep {
  readonly name?: string;
  readonly image?: string;
  readonly privileged?: boolean;
  readonly commands?: readonly string[];
  readonly user?: string | number;
  readonly network_mode?: string;
  readonly depends_on?: readonly string[];
  readonly environment?: Record<string, { value?: string; from_secret?: string } | null>;
  readonly when?: Record<string, GoCondition>;
}

interface GoPipeline {
  readonly kind: string;
  readonly name?: string;
  readonly steps?: readonly GoStep[];
  readonly services?: readonly GoStep[];
}

function conditionsOf(conditions: Conditions | undefined): Record<string, GoCondition> {
  const found: Record<string, GoCondition> = {};
  for (const [name, { include, exclude }] of conditions?.conditions ?? [])
    if (include.length + exclude.length > 0)
      found[name] = {
        ...(include.length > 0 && { include: include.map(({ value }) => value) }),
        ...(exclude.length > 0 && { exclude: exclude.map(({ value }) => value) }),
      };
  return found;
}

function withoutEmpty(conditions: Record<string, GoCondition> = {}): Record<string, GoCondition> {
  return Object.fromEntries(Object.entries(conditions).filter(([, value]) => Object.keys(value).length > 0));
}

function expectStep(step: Step | undefined, go: GoStep): void {
  expect(step?.name ?? '').toBe(go.name ?? '');
  expect(step?.image?.value.text ?? step?.imageText?.value).toBe(go.image);
  expect(step?.privileged?.value ?? false).toBe(go.privileged ?? false);
  expect(step?.commands.map(({ value }) => value) ?? []).toEqual(go.commands ?? []);
  expect(step?.user?.value).toBe(go.user === undefined ? undefined : String(go.user));
  expect(step?.networkMode?.value).toBe(go.network_mode);
  expect(step?.dependsOn.map(({ value }) => value) ?? []).toEqual(go.depends_on ?? []);
  expect(conditionsOf(step?.when)).toEqual(withoutEmpty(go.when));
  const environment = Object.entries(go.environment ?? {}).filter(([, value]) => value !== null);
  expect(step?.environment.map(({ name }) => name.value).sort()).toEqual(environment.map(([name]) => name).sort());
  for (const [name, value] of environment) {
    const own = step?.environment.find((entry) => entry.name.value === name);
    expect(own?.fromSecret?.value).toBe(value?.from_secret);
    if (value?.from_secret === undefined) expect(own?.text?.value).toBe(value?.value);
  }
}

describe.skipIf(!existsSync(yamlOracle))('parsers and linters of Drone (needs the measured cases)', () => {
  test.each(load<YamlCase>(yamlOracle).map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
    const reading = read(entry.yaml);
    const all = refusals(reading);
    const server = all.filter(({ by }) => by === 'server');
    const runner = all.filter(({ by, alsoBy }) => by === 'runner' || alsoBy === 'runner');
    expectParse(
      entry.serverParse,
      server.filter((refusal) => !isLint(refusal)),
      reading,
      'server',
    );
    if (entry.serverLint !== undefined) expect(server.filter(isLint).map(messageOf)[0] ?? null).toBe(entry.serverLint);
    if (entry.serverKinds && reading.streams[0]) {
      const [stream] = reading.streams;
      const others = [stream.secrets, stream.signatures, stream.templates, stream.crons, stream.registries];
      expect(stream.pipelines.length + others.flat().length).toBe(entry.serverKinds.length);
    }
    for (const [index, go] of (entry.serverTriggers ?? []).entries()) {
      const pipeline = reading.pipelines[index];
      expect(pipeline?.name).toBe(go.name || 'default');
      expect(pipeline?.type).toBe(go.type || 'docker');
      expect(conditionsOf(pipeline?.trigger)).toEqual(withoutEmpty(go.trigger));
    }
    const crash = entry.runnerLintTrusted?.startsWith('PANIC') ?? false;
    const parser = runner.filter((refusal) => isParserLint(refusal) || plain(refusal.message).startsWith('cannot'));
    if (entry.runnerParse !== undefined) expectParse(entry.runnerParse, parser, reading, 'runner');
    const lint = runner.filter((refusal) => !parser.includes(refusal)).map(messageOf);
    if (entry.runnerLintTrusted !== undefined)
      expect(lint[0] ?? null).toBe(
        crash ? 'runtime error: invalid memory address or nil pointer dereference' : entry.runnerLintTrusted,
      );
    if (entry.runnerLintUntrusted !== undefined && !crash)
      expect([...lint, ...reading.streams.flatMap((stream) => stream.trustRefusals.map(messageOf))][0] ?? null).toBe(
        entry.runnerLintUntrusted,
      );
    for (const [index, go] of (entry.runnerResources ?? []).filter(({ kind }) => kind === 'pipeline').entries()) {
      const pipeline = reading.pipelines[index];
      expect(pipeline?.steps.length).toBe(go.steps?.length ?? 0);
      for (const [at, step] of (go.steps ?? []).entries()) expectStep(pipeline?.steps[at], step);
      for (const [at, step] of (go.services ?? []).entries()) expectStep(pipeline?.services[at], step);
    }
  });
});

interface LinterCase {
  readonly id: string;
  readonly trusted: boolean;
  readonly input: string;
  readonly stage: string;
  readonly measured: { readonly runner?: string | null; readonly server?: string | null };
}

describe.skipIf(!existsSync(linterOracle))('test suites of Drone (needs the measured cases)', () => {
  // Not decided by the file: namespaces that the runner is started with. Not seen by the measured parsers: a line `pipeline:`,
  // for which the server converts the text from the 0.8 format before it parses it (harness/drone trigger/trigger.go:220).
  const decided = load<LinterCase>(linterOracle).filter(
    ({ measured, input }) => !measured.runner?.includes('configured namespace') && !/^pipeline:\s*$/m.test(input),
  );

  test('leaves out few cases', () => {
    expect(load(linterOracle).length - decided.length).toBeLessThanOrEqual(4);
  });

  test.each(decided.map((entry) => [entry.id, entry] as const))('%s', (_, entry) => {
    const reading = read(entry.input);
    const all = refusals(reading);
    const server = all.filter(({ by }) => by === 'server');
    if (entry.measured.server !== undefined) {
      if (entry.measured.server === null) expect(server).toEqual([]);
      else if (typeErrors(entry.measured.server).length > 0)
        expectParse(entry.measured.server, server, reading, 'server');
      else expect(server.map(messageOf)[0]).toBe(entry.measured.server);
    }
    const { runner } = entry.measured;
    if (runner === undefined || runner === 'not-run') return;
    const found = all.filter(({ by, alsoBy }) => by === 'runner' || alsoBy === 'runner');
    const trust = entry.trusted ? [] : reading.streams.flatMap((stream) => stream.trustRefusals);
    const messages = [...found, ...trust].map(messageOf);
    if (runner === null) expect(messages).toEqual([]);
    else if (typeErrors(runner).length > 0) expectParse(runner, found, reading, 'runner');
    else expect(messages).toContain(runner);
  });
});
