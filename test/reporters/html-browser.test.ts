import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { htmlReport, styleFile, styleOf } from '../../src/reporters/html/page.ts';
import { allRules } from '../../src/rules/all.ts';
import { auditFolder, auditPaths } from '../support/audit-folder.ts';
import { Browser, chromium, isBrowserRequired, type Page, type View } from '../support/browser.ts';
import { hostileReport, hostileWays } from './hostile.ts';
import { fullReport, report } from './sample-report.ts';

const desk: View = { width: 1280, scheme: 'light' };
const views: readonly (View & { readonly names: readonly string[] })[] = [
  { ...desk, names: ['careless', 'hostile', 'ways'] },
  { width: 1280, scheme: 'dark', names: ['careless'] },
  { width: 768, scheme: 'light', names: ['careless'] },
  { width: 320, scheme: 'light', names: ['careless', 'ways'] },
  { width: 400, scheme: 'light', names: ['careless', 'nothing'] },
  { width: 400, scheme: 'dark', names: ['careless', 'incomplete'] },
];

/** The policy under which Jenkins serves what jobs leave: no script, and no style within a page. */
const strictPolicy = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'";
const canary = '"><script>document.title=0<.yml';

/** Labels that take more lines than they have words. */
const brokenLabels = `[...document.querySelectorAll('dt')].filter((each) => {
  const range = document.createRange();
  range.selectNodeContents(each);
  const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
  return lines.size > each.innerText.trim().split(/\\s+/).length;
}).map((each) => each.innerText)`;

interface Violation {
  readonly id: string;
  readonly nodes: readonly string[];
}

const name = 'the HTML report in Chromium (DRONE_AUDIT_TEST_CHROMIUM=1)';
describe.skipIf(!chromium && !isBrowserRequired)(name, { timeout: 60_000 }, () => {
  const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'drone-audit-html-'));
  const written = new Map<string, string>();
  let browser: Browser;
  let server: Server;

  const write = (name: string, of: Report): void => {
    written.set(`${name}.html`, [...htmlReport(of, allRules)].join(''));
    writeFileSync(join(folder, `${name}.html`), written.get(`${name}.html`) ?? '');
  };
  const open = (name: string, view: View = desk): Promise<Page> =>
    browser.open(pathToFileURL(join(folder, `${name}.html`)).href, view);
  const openUnderPolicy = (name: string): Promise<Page> =>
    browser.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}.html`, desk);

  /** Opens all that is folded, and has it laid out: colours behind what is not cannot be told. */
  const unfold = (page: Page): Promise<unknown> =>
    page.evaluate(
      `for (const each of document.querySelectorAll('details')) { each.open = true; each.style.contentVisibility = 'visible' }`,
    );
  const barriersOf = async (page: Page): Promise<readonly Violation[]> => {
    await page.evaluate(axe);
    return page.evaluate(`axe.run(document, {
      resultTypes: ['violations'],
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })))`);
  };

  beforeAll(async () => {
    browser = new Browser(chromium ?? 'chromium');
    const careless = await auditFolder('examples/careless');
    write('careless', careless);
    written.set(styleFile, styleOf(careless));
    written.set('beside.html', [...htmlReport(careless, allRules, { isStyleBeside: true })].join(''));
    write('nothing', report([]));
    write('incomplete', fullReport());
    write('hostile', hostileReport());
    write('ways', { ...hostileReport(), ways: [hostileWays()] });
    const evil = join(folder, 'evil');
    mkdirSync(evil);
    writeFileSync(
      join(evil, canary),
      `kind: pipeline\nname: '${canary}'\nsteps:\n  - name: '${canary}'\n    image: x\n    privileged: true\n`,
    );
    write('canary', await auditPaths(evil, [canary]));
    server = createServer(({ url = '' }, response) => {
      const text = written.get(url.slice(1));
      const type = url.endsWith('.css') ? 'text/css' : 'text/html; charset=utf-8';
      response.writeHead(text === undefined ? 404 : 200, {
        'content-type': type,
        'content-security-policy': strictPolicy,
      });
      response.end(text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    await browser.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(views)('is quiet, fits and has no barrier at $width pixels, $scheme', async (view) => {
    for (const name of view.names) {
      const page = await open(name, view);
      await unfold(page);
      expect(await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')).toEqual([
        view.width,
        view.width,
      ]);
      expect(await page.evaluate(brokenLabels)).toEqual([]);
      expect(await barriersOf(page)).toEqual([]);
      expect(page.messages).toEqual([]);
      expect(page.requests).toHaveLength(1);
      await page.close();
    }
  });

  it('keeps the words of the picture of ways in their boxes', async () => {
    for (const name of ['careless', 'ways']) {
      const page = await open(name);
      const outside = `[...document.querySelectorAll('svg.ways .box > g')].flatMap((each) => {
        const box = each.querySelector('rect').getBBox();
        const texts = [...each.querySelectorAll('text')];
        return texts.filter((text) => {
          const { x, y, width, height } = text.getBBox();
          return x < box.x || x + width > box.x + box.width || y < box.y - 1 || y + height > box.y + box.height + 1;
        });
      }).map((each) => each.textContent)`;
      expect(await page.evaluate(outside), name).toEqual([]);
      expect(await page.evaluate(`document.querySelectorAll('svg.ways text').length`)).toBeGreaterThan(10);
      await page.close();
    }
  });

  it('can be used with the keyboard', async () => {
    const page = await open('careless');
    await page.evaluate(
      `addEventListener('focusin', ({ target }) => { (window.seen ??= new Set()).add(target); target.seen = true })`,
    );
    await page.press('Tab');
    expect(await page.evaluate('[document.activeElement.className, document.activeElement.offsetLeft >= 0]')).toEqual([
      'skip',
      true,
    ]);
    for (let more = true, pressed = 0; more && pressed < 400; pressed++) {
      await page.press('Tab');
      more = await page.evaluate(
        'document.activeElement !== document.body && document.activeElement.className !== "skip"',
      );
    }
    const missed = await page.evaluate(
      `[...document.querySelectorAll('a[href], summary, input, [tabindex]')]
        .filter((each) => each.checkVisibility({ contentVisibilityAuto: false }) && !each.closest('details:not([open]) > :not(summary)'))
        .filter((each) => !each.seen).map((each) => each.outerHTML.slice(0, 200))`,
    );
    expect(missed).toEqual([]);
    expect(await page.evaluate(`[...seen].filter((each) => each.matches('svg a')).length`)).toBeGreaterThan(5);
    await page.evaluate(`document.querySelector('details.f > summary').focus()`);
    await page.press('Enter');
    expect(await page.evaluate(`document.querySelector('details.f').open`)).toBe(true);
    await page.close();
  });

  it('searches, counts and opens the finding that an address names', async () => {
    const page = await open('careless');
    await page.evaluate(
      `q.value = 'rpc_secret'; q.dispatchEvent(new Event('input', { bubbles: true })); new Promise((done) => setTimeout(done, 50))`,
    );
    const shown = `[...document.querySelectorAll('details.f')].filter((each) => !each.hidden)`;
    expect(await page.evaluate(`${shown}.every((each) => /rpc_secret/i.test(each.textContent))`)).toBe(true);
    const count = await page.evaluate<number>(`${shown}.length`);
    expect(count).toBeGreaterThan(0);
    expect(await page.evaluate(`document.getElementById('count').textContent`)).toMatch(new RegExp(`^${count} of `));
    await page.evaluate(`location.hash = document.querySelector('.todo .locs a').hash`);
    await page.evaluate('new Promise((done) => setTimeout(done, 50))');
    expect(await page.evaluate(`document.querySelector('details.f:target').open`)).toBe(true);
    await page.close();
  });

  it('can be read and filtered without script', async () => {
    const page = await open('careless', { ...desk, script: false });
    const visible = (severity: string): Promise<number> =>
      page.evaluate(`[...document.querySelectorAll('.f.${severity}')].filter((each) => each.checkVisibility()).length`);
    const [low, high] = [await visible('low'), await visible('high')];
    expect(Math.min(low, high)).toBeGreaterThan(0);
    await page.click('#f-low');
    expect([await visible('low'), await visible('high')]).toEqual([0, high]);
    await page.click('details.f > summary');
    expect(await page.evaluate(`document.querySelector('details.f .body').checkVisibility()`)).toBe(true);
    expect(await page.evaluate(`document.querySelector('.search').checkVisibility()`)).toBe(false);
    await page.close();
  });

  it('keeps its words and shows nothing black where a server drops its style and script', async () => {
    const [page, whole] = [await openUnderPolicy('careless'), await open('careless', { ...desk, script: false })];
    expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('8px');
    await Promise.all([unfold(page), unfold(whole)]);
    const words = `[...new Set(document.querySelector('main').innerText.toLowerCase().split(/\\s+/))].sort()`;
    const kept = new Set(await page.evaluate<readonly string[]>(words));
    expect((await whole.evaluate<readonly string[]>(words)).filter((word) => !kept.has(word))).toEqual([]);
    const black = await page.evaluate(
      `[...document.querySelectorAll('svg :is(rect, circle, path)')].filter((each) => getComputedStyle(each).fill === 'rgb(0, 0, 0)').length`,
    );
    expect(black).toBe(0);
    await Promise.all([page.close(), whole.close()]);
  });

  it('is as it should be there with its style beside it', async () => {
    const page = await openUnderPolicy('beside');
    expect(await page.evaluate('getComputedStyle(document.body).margin')).toBe('0px');
    expect(await page.evaluate('document.scripts.length')).toBe(0);
    await unfold(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(desk.width);
    expect(page.messages).toEqual([]);
    expect(page.requests).toHaveLength(2);
    await page.close();
  });

  it('prints what is severe unfolded, in light colours, with a place to sign', async () => {
    const page = await open('careless', { width: 1280, scheme: 'dark' });
    await page.send('Emulation.setEmulatedMedia', { media: 'print' });
    const isShown = (selector: string): Promise<boolean> =>
      page.evaluate(`document.querySelector('${selector}').getBoundingClientRect().height > 20`);
    expect(await isShown('details.f.hi .body')).toBe(true);
    expect(await isShown('#controls tbody tr')).toBe(true);
    expect(await isShown('.sign')).toBe(true);
    expect(await isShown('.nav')).toBe(false);
    const breakOf = (selector: string, property: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`);
    expect(await breakOf('details.f.hi', 'breakInside')).toBe('avoid');
    expect(await breakOf('details.f.hi .frame', 'breakAfter')).toBe('avoid');
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    const { data } = await page.send('Page.printToPDF', { preferCSSPageSize: true });
    expect(Buffer.from(String(data), 'base64').subarray(0, 5).toString()).toBe('%PDF-');
    await page.close();
  });

  it('lets no name act that was read', async () => {
    for (const name of ['canary', 'hostile', 'ways']) {
      const page = await open(name);
      expect(await page.evaluate('document.scripts.length')).toBe(1);
      expect(await page.evaluate('document.title')).toContain('drone-audit');
      expect(page.messages).toEqual([]);
      expect(page.requests).toHaveLength(1);
      if (name === 'canary') expect(await page.evaluate('document.body.innerText')).toContain(canary);
      await page.close();
    }
  });
});
