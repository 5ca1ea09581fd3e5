import { describe, expect, it, test } from 'vitest';
import type { Masked } from '../../src/model/text.ts';
import type { ToldWays } from '../../src/model/ways.ts';
import { columnsOf } from '../../src/reporters/html/layered.ts';
import { htmlReport } from '../../src/reporters/html/page.ts';
import { markOf, waysPicture } from '../../src/reporters/html/ways-picture.ts';
import { mostBoxes, waysSceneOf } from '../../src/reporters/html/ways-scene.ts';
import { stateNamed } from '../../src/reporters/way-words.ts';
import { outsidersWays } from '../../src/reporters/ways.ts';
import { allRules } from '../../src/rules/all.ts';
import { maskFor } from '../../src/secrets/mask.ts';
import { told } from '../../src/ways/told.ts';
import { auditFolder } from '../support/audit-folder.ts';
import { waysThrough } from '../support/ways.ts';
import { cases, defaults } from '../support/ways-installations.ts';
import { hostileWays } from './hostile.ts';
import { report } from './sample-report.ts';

const toldOf = (...given: Parameters<typeof waysThrough>): Masked<ToldWays> =>
  told(waysThrough(...given), Object.keys(given[0])[0] ?? '', () => maskFor([]));

/** A server that everybody may register at, runners of which a third have labels, and repositories. */
function large(repositories: number, runners: number): Masked<ToldWays> {
  const files: Record<string, string> = {
    'server/compose.yml':
      'services:\n  drone:\n    image: drone/drone:2.28.2\n    environment:\n      DRONE_GITHUB_CLIENT_ID: abc\n      DRONE_SERVER_HOST: ci.example.com\n',
  };
  for (let number = 0; number < runners; number++)
    files[`runner${number}/compose.yml`] =
      `services:\n  runner${number}:\n    image: drone/drone-runner-docker:1.8.5\n    environment:\n      DRONE_RPC_HOST: ci.example.com\n${number % 3 === 0 ? `      DRONE_RUNNER_LABELS: pool:p${number}\n` : ''}    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]\n`;
  for (let number = 0; number < repositories; number++)
    files[`app${number}/.drone.yml`] =
      `kind: pipeline\ntype: docker\nname: test\nsteps:\n  - name: test\n    image: golang:1.23.2\n    environment: { TOKEN: { from_secret: token${number} } }\n    commands: [go test ./...]\n`;
  return toldOf(files);
}

const known = Object.entries(cases).flatMap(([edge, { open = [], closed = [] }]) =>
  [...open, ...closed].map((each) => [`${edge}: ${each.what}`, toldOf(each.files, each.api)] as const),
);
const careless = await auditFolder('examples/careless');
const carelessWays = [...(careless.ways ?? [])];
const hardenedWays = [...((await auditFolder('examples/hardened')).ways ?? [])];
const drawn: readonly (readonly [name: string, ways: Masked<ToldWays>])[] = [
  ...known,
  ...carelessWays.map((ways) => ['careless', ways] as const),
  ['many runners and repositories', large(40, 12)],
  ['hostile names', hostileWays()],
];

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function framesOf(svg: string): readonly Frame[] {
  return [...svg.matchAll(/<rect x="([^"]+)" y="([^"]+)" width="([^"]+)" height="([^"]+)"/g)].map(
    ([, x, y, width, height]) => ({ x: Number(x), y: Number(y), width: Number(width), height: Number(height) }),
  );
}

const isOver = (a: Frame, b: Frame): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the picture of ways', () => {
  it('has every step of every way, or counts the way', () => {
    for (const [name, ways] of drawn) {
      const scene = waysSceneOf(ways);
      const missing = outsidersWays(ways).filter(({ from, steps }) => {
        let before = from;
        return !steps.every(({ edge, gives }) => {
          const isThere =
            scene?.boxes.some(({ holds }) => holds.has(before) && holds.has(gives)) ||
            scene?.arrows.some(
              (arrow) =>
                arrow.edges.includes(edge) &&
                scene.boxes[arrow.from]?.holds.has(before) &&
                scene.boxes[arrow.to]?.holds.has(gives),
            );
          before = gives;
          return isThere;
        });
      });
      expect(missing.length, name).toBe(scene?.undrawn ?? 0);
    }
  });

  it('leads forth only, and has a number on what a change of the cut closes', () => {
    for (const [name, ways] of drawn) {
      const scene = waysSceneOf(ways);
      if (!scene) continue;
      const columns = columnsOf(scene.boxes.length, scene.arrows);
      for (const { from, to } of scene.arrows) expect(columns[from], name).toBeLessThan(columns[to] ?? 0);
      expect(scene.boxes.length, name).toBeLessThanOrEqual(mostBoxes + 4);
      const numbers = new Set(scene.arrows.flatMap(({ cutBy }) => cutBy));
      const steps = outsidersWays(ways).flatMap((way) => way.steps.flatMap(({ cutBy = [] }) => cutBy));
      if (scene.undrawn === 0) expect([...numbers].sort(), name).toEqual([...new Set(steps)].sort());
    }
  });

  it('has nothing over another, and all within its frame', () => {
    for (const [name, ways] of drawn) {
      const scene = waysSceneOf(ways);
      if (!scene) continue;
      const { svg } = waysPicture(scene, 0);
      const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
      const frames = framesOf(svg);
      expect(frames.length).toBeGreaterThan(1);
      for (const [index, frame] of frames.entries()) {
        expect(frame.x >= 0 && frame.y >= 0, name).toBe(true);
        expect(frame.x + frame.width <= Number(width) && frame.y + frame.height <= Number(height), name).toBe(true);
        for (const other of frames.slice(index + 1)) expect(isOver(frame, other), name).toBe(false);
      }
      for (const [, box = '', texts = ''] of svg.matchAll(
        /<g><title>[^<]*<\/title>(<rect[^>]*>)((?:<text.*?<\/text>)*)<\/g>/g,
      )) {
        const [frame] = framesOf(box);
        for (const [, y] of texts.matchAll(/<text[^>]* y="([^"]+)"/g))
          expect(Number(y) > (frame?.y ?? 0) + 8 && Number(y) < (frame?.y ?? 0) + (frame?.height ?? 0) - 2, name).toBe(
            true,
          );
      }
      expect(waysPicture(scene, 0).svg).toBe(svg);
    }
  });

  it('is an image with a name, and its words are text', () => {
    const [ways] = carelessWays;
    const { svg } = waysPicture(waysSceneOf(ways as Masked<ToldWays>) ?? never(), 3);
    expect(svg).toMatch(/^<svg [^>]*role="img"><title>[^<]+<\/title><desc>[^<]+<\/desc>/);
    expect(svg).not.toMatch(/<a |tabindex|style=|<use|<image/);
    expect([...svg.matchAll(/<text[^>]*>(\d+)<\/text>/g)].map(([, number]) => number).sort()).toEqual([
      '4',
      '5',
      '6',
      '7',
    ]);
  });

  it('has the same size however many repositories and runners there are', () => {
    const size = (ways: Masked<ToldWays>): number => waysPicture(waysSceneOf(ways) ?? never(), 0).svg.length;
    expect(size(large(60, 20)) / size(large(30, 10))).toBeLessThan(1.1);
  });

  it('says of several changes which they are', () => {
    expect([[], [3], [2, 5], [1, 2, 3, 4], [1, 3, 9]].map(markOf)).toEqual(['', '3', '2, 5', '1\u20134', '1 +2']);
  });
});

function never(): never {
  throw new Error('no ways');
}

test('every state and asset has words', () => {
  const gives = known.flatMap(([, { ways }]) => ways.flatMap(({ steps }) => steps.map((step) => step.gives)));
  expect(new Set(gives).size).toBeGreaterThan(50);
  expect(gives.filter((state) => stateNamed(state).kind === 'other')).toEqual([]);
  for (const [, { matrix }] of known) for (const { to } of matrix) expect(stateNamed(to).is, to).toBe('asset');
});

describe('the section of ways', () => {
  const page = (ways: readonly Masked<ToldWays>[]): string => [...htmlReport(report([], { ways }), allRules)].join('');
  const section = (text: string, id: string): string =>
    text.split(`<section id="${id}">`)[1]?.split('</section>')[0] ?? '';
  const whole = [...htmlReport(careless, allRules)].join('');

  it('comes after the cut, which is the first of what to do, with links to findings', () => {
    const first = section(whole, 'first');
    expect(first.indexOf('id="cut1"')).toBeGreaterThan(0);
    expect(first.indexOf('id="cut4"')).toBeLessThan(first.indexOf('id="todo1"'));
    expect(first).toMatch(/id="cut1">.*?<a href="#f-[\w-]+"><code>docker-compose\.yml:3<\/code><\/a>/);
    expect(first).toContain('But: accounts that exist stay');
    expect(whole.indexOf('id="ways"')).toBeGreaterThan(whole.indexOf('id="first"'));
  });

  it('has each way as a sentence with its steps, and each pair of position and asset', () => {
    const ways = section(whole, 'ways');
    expect(ways).toContain('Whoever may open a pull request gets the RPC secret');
    expect(ways).toMatch(/<code>runner-socket<\/code> uses the engine through its socket.*?<b>Fix:<\/b> take/);
    expect(ways).toMatch(/<th scope="row"><code>rpc-secret<\/code><td class="is open">/);
    expect(ways).toContain('From people with access, and from suppliers of images');
  });

  it('tells of no ways where nothing was there, and where none is open what is closed and not known', () => {
    expect(page([])).not.toContain('id="ways"');
    const hardened = section(page(hardenedWays), 'ways');
    expect(hardened).toMatch(
      /No way in is known to be open to outsiders\. .*ways are open to whoever reads backups.* could not be decided/i,
    );
    expect(hardened).toMatch(/<td class="is closed">.*?closed <a href="#note1-1">/);
    expect(hardened).toContain('open only if a writer promotes the build');
    expect(hardened).not.toContain('<svg');
    expect(section(page(hardenedWays), 'first')).toBe('');
  });

  it('lets no name act, and cuts what is too long', () => {
    const text = page([hostileWays()]);
    expect(text).not.toMatch(/<script>alert|\u202e|\u001b/);
    expect(text).toContain('U+202E');
    expect(Buffer.byteLength(section(text, 'ways') + section(text, 'first'))).toBeLessThan(100_000);
  });

  it('numbers the changes of several installations one after the other', () => {
    const { files, api } = defaults;
    const text = page(Array.from({ length: 5 }, () => toldOf(files, api)));
    const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(text).toContain('2 further installations of 5 have ways in');
  });

  it('stays small and quick where there is much', () => {
    const ways = large(200, 30);
    const start = process.cpuUsage();
    const text = page([ways]);
    expect(Buffer.byteLength(section(text, 'ways'))).toBeLessThan(200_000);
    expect((process.cpuUsage(start).user + process.cpuUsage(start).system) / 1000).toBeLessThan(1000);
  });
});
