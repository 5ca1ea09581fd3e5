import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { installationsOf } from '../src/installations.ts';
import { unknownSite } from '../src/model/site.ts';
import type { Source } from '../src/model/source.ts';
import { say } from '../src/model/text.ts';
import { read } from '../src/read.ts';
import { allRules } from '../src/rules/all.ts';
import type { Position } from '../src/ways/states.ts';
import type { Relation, Ways } from '../src/ways/ways.ts';
import { waysIn } from '../src/ways-in.ts';

const path = '../shared/scenarios/ways-in.json';

interface Scenario {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly api?: {
    readonly repos: readonly (Readonly<Record<string, unknown>> & { readonly file: string; readonly slug: string })[];
    readonly secrets?: Readonly<Record<string, readonly object[]>>;
  };
  readonly expect: {
    readonly scope: { readonly positions: readonly Position[]; readonly assets: readonly string[] };
    readonly open: readonly (readonly [string, string, string, readonly string[]])[];
    readonly closed: readonly (readonly [string, string, string])[];
    readonly notKnown?: readonly (readonly [string, string])[];
    readonly ifActs?: readonly (readonly [string, string, string, readonly string[]])[];
    readonly cut: readonly (readonly string[])[];
  };
}

const scenarios: readonly Scenario[] = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).scenarios : [];

/** Steps that may be told in place of others of the same length. */
const twins: Readonly<Record<string, string>> = { 'repo-code': 'own-file', 'auto-plugin': 'trusted-file' };

describe.skipIf(!existsSync(path))('ways through known installations (needs the shared scenarios)', () => {
  test.each(scenarios.map((each) => [each.name, each] as const))('%s', (_, { files, api, expect: expected }) => {
    const slugs = new Map(api?.repos.map(({ file, slug }) => [file, slug]));
    const sources: Source[] = Object.entries(files).map(([name, text]) => ({
      ...{ name, text, form: name.endsWith('.drone.yml') ? 'drone' : 'compose' },
      ...(slugs.has(name) ? { slug: slugs.get(name) ?? '', pathInRepository: '.drone.yml' } : {}),
    }));
    for (const { file: _, ...facts } of api?.repos ?? []) {
      const repository = {
        id: 1,
        user_id: 1,
        namespace: facts.slug.split('/')[0],
        config_path: '.drone.yml',
        ...facts,
      };
      const text = JSON.stringify({
        repository,
        secrets: api?.secrets?.[facts.slug] ?? null,
        cron: null,
        builds: null,
      });
      sources.push({ name: `https://ci.example.com/api/repos/${facts.slug}`, form: 'drone-repository', text });
    }
    const understood = read(sources, ({ name }) => ({
      kind: 'unreadable',
      source: name,
      message: say`is not there`,
      incomplete: true,
    }));
    const { positions, assets } = expected.scope;
    const [part] = installationsOf(understood);
    if (!part) throw new Error('no installation');
    const ways: Ways = waysIn({ site: unknownSite, installation: part.installation }, allRules, {
      from: positions,
      to: (asset) => assets.includes(asset),
    });
    const told: string[] = [];
    const wanted: string[] = [];
    const twin = (steps: readonly string[]) => steps.map((step) => twins[step] ?? step).join(' > ');
    for (const from of positions)
      for (const to of assets) {
        const relation = ways.relations.find((each) => each.from === from && each.to === to);
        told.push(relation ? line(relation, twin) : `${from} ${to}: not there`);
        const open = expected.open.find(([a, b]) => a === from && b === to);
        const closed = expected.closed.find(([a, b]) => a === from && b === to);
        const isUnknown = expected.notKnown?.some(([a, b]) => a === from && b === to);
        if (open) wanted.push(`${from} ${to}: ${open[2]} ${twin(open[3])}`);
        else if (closed) wanted.push(`${from} ${to}: closed by ${closed[2]}`);
        else wanted.push(`${from} ${to}: ${isUnknown ? 'not known' : 'nothing'}`);
      }
    expect(told).toEqual(wanted);
    for (const [from, to, , steps] of expected.ifActs ?? []) {
      const relation = ways.relations.find((each) => each.from === from && each.to === to);
      expect(relation?.acts.map((act) => twin(named(act.steps)))).toContain(twin(steps));
    }
    const cut = ways.cut.changes.map(({ edge }) => edge).toSorted();
    const allowed = expected.cut.flatMap((set) =>
      set.reduce<string[][]>(
        (all, choice) => all.flatMap((begun) => choice.split(' | ').map((edge) => [...begun, edge])),
        [[]],
      ),
    );
    expect(ways.cut.left).toEqual([]);
    if (expected.cut.length === 0) expect(cut).toEqual([]);
    else expect(allowed.map((each) => each.toSorted().join(' + '))).toContain(cut.join(' + '));
  });
});

function named(steps: Relation['steps']): readonly string[] {
  return steps.filter(({ silent }) => !silent).map(({ edge }) => edge);
}

function line({ from, to, is, steps, certainty, by }: Relation, twin: (steps: readonly string[]) => string): string {
  if (is === 'open') return `${from} ${to}: ${certainty} ${twin(named(steps))}`;
  return `${from} ${to}: ${is === 'if' ? 'closed' : is} by ${by?.pieces.join('')}`;
}
