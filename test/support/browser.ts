import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** The Chromium of this machine, if there is one. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome'].find(
  (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
);

/** Whether tests with a browser have to run, rather than be skipped where there is none. */
export const isBrowserRequired = process.env.DRONE_AUDIT_TEST_CHROMIUM === '1';

type Values = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Values;
  readonly result?: Values;
  readonly error?: { readonly message: string };
}

/** What a page is looked at with. */
export interface View {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  /** False: the page runs no script of its own. */
  readonly script?: boolean;
}

/** A Chromium without a window, spoken to through a pipe: the protocol of its developer tools, no port and no package. */
export class Browser {
  private readonly profile = mkdtempSync(join(tmpdir(), 'drone-audit-chromium-'));
  private readonly process;
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly listeners = new Set<(message: Message) => void>();
  private readonly input: Writable;
  private lastId = 0;

  constructor(program: string) {
    const rights = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    this.process = spawn(
      program,
      [
        ...['--headless=new', '--remote-debugging-pipe', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
        ...[
          '--disable-extensions',
          '--disable-background-networking',
          '--hide-scrollbars',
          '--font-render-hinting=none',
        ],
        ...[`--user-data-dir=${this.profile}`, ...rights, 'about:blank'],
      ],
      { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
    );
    const [, , , input, output] = this.process.stdio;
    this.input = input as Writable;
    this.listen(output as Readable);
    this.process.once('exit', () => {
      for (const answer of [...this.waiting.values()]) answer({ error: { message: 'the browser has ended' } });
    });
  }

  /** Messages are JSON, each ended by a zero. */
  private listen(output: Readable): void {
    let parts: Buffer[] = [];
    output.on('data', (bytes: Buffer) => {
      let rest = bytes;
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        const message: Message = JSON.parse(Buffer.concat([...parts, rest.subarray(0, end)]).toString('utf8'));
        parts = [];
        rest = rest.subarray(end + 1);
        if (message.id !== undefined) this.waiting.get(message.id)?.(message);
        else for (const listener of this.listeners) listener(message);
      }
      if (rest.length > 0) parts.push(rest);
    });
  }

  /** Sends a command; throws what the browser answers as an error. */
  send(method: string, params: Values = {}, sessionId?: string): Promise<Values> {
    const id = ++this.lastId;
    this.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        this.waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
    });
  }

  on(listener: (message: Message) => void): void {
    this.listeners.add(listener);
  }

  /** Opens an address in a tab of its own and waits until it is loaded. */
  async open(address: string, { width, scheme, script = true }: View): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const page = new Page(this, String(targetId), String(sessionId));
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    await page.send('Emulation.setDeviceMetricsOverride', {
      ...{ width, height: 900, deviceScaleFactor: 1, mobile: width < 720 },
    });
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    // Questions of the test are still answered.
    if (!script) await page.send('Emulation.setScriptExecutionDisabled', { value: true });
    const loaded = page.next('Page.loadEventFired');
    await page.send('Page.navigate', { url: address });
    await loaded;
    return page;
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    await this.send('Browser.close').catch(() => this.process.kill());
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** A tab. */
export class Page {
  /** What the page had to say on the console, and what it was refused. */
  readonly messages: string[] = [];
  /** Addresses that it asked for. */
  readonly requests: string[] = [];

  private readonly browser: Browser;
  private readonly target: string;
  private readonly session: string;

  constructor(browser: Browser, target: string, session: string) {
    this.browser = browser;
    this.target = target;
    this.session = session;
    browser.on(({ sessionId, method, params }) => {
      if (sessionId !== session) return;
      if (method === 'Network.requestWillBeSent') this.requests.push(JSON.stringify(params?.request));
      if (['Log.entryAdded', 'Runtime.consoleAPICalled', 'Runtime.exceptionThrown'].includes(method ?? ''))
        this.messages.push(JSON.stringify(params));
    });
  }

  /** Sends a command to the tab. */
  send(method: string, params: Values = {}): Promise<Values> {
    return this.browser.send(method, params, this.session);
  }

  /** Waits for an event of the tab. */
  next(method: string): Promise<Values> {
    return new Promise((resolve) => {
      this.browser.on((message) => {
        if (message.sessionId === this.session && message.method === method) resolve(message.params ?? {});
      });
    });
  }

  /** What an expression comes to in the page, as a value of JSON. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      ...{ expression, returnByValue: true, awaitPromise: true },
    });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value: T }).value;
  }

  /** Clicks on the middle of what a selector finds first. */
  async click(selector: string): Promise<void> {
    const { x, y } = await this.evaluate<{ x: number; y: number }>(
      `(() => { const each = document.querySelector(${JSON.stringify(selector)}); each.scrollIntoView({ block: 'center', behavior: 'instant' });
        const { x, y, width, height } = each.getBoundingClientRect(); return { x: x + width / 2, y: y + height / 2 } })()`,
    );
    for (const type of ['mousePressed', 'mouseReleased'])
      await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  }

  async press(key: 'Tab' | 'Enter' | 'Space'): Promise<void> {
    const code = { Tab: 9, Enter: 13, Space: 32 }[key];
    const text = { Tab: undefined, Enter: '\r', Space: ' ' }[key];
    const values = { key: key === 'Space' ? ' ' : key, code: key, windowsVirtualKeyCode: code };
    await this.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...values, text });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...values });
  }

  async close(): Promise<void> {
    await this.browser.send('Target.closeTarget', { targetId: this.target });
  }
}
