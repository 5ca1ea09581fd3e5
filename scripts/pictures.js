// node scripts/pictures.js: the pictures of docs/pictures, from real reports of examples/careless. The text report is drawn
// from what it prints on a terminal: `--text` prints the picture, test/docs.test.ts compares it, and npm run update writes it
// anew. The HTML page is a screenshot (by chromium, or what CHROMIUM names), which differs between machines: it is made by hand,
// before a release.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inFewColours } from './png.js';
import { buildIfStale, install, root } from './setup.js';

const example = ['scan', 'examples/careless/web'];

/** @param {readonly string[]} args */
function droneAudit(args) {
  const { stdout } = spawnSync(process.execPath, ['bin/drone-audit.js', ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
    maxBuffer: 1 << 26,
  });
  return stdout;
}

/**
 * The text report as a picture: its first finding and its last lines, as a terminal shows them.
 *
 * @returns {string} SVG
 */
function textPicture() {
  const lines = droneAudit([...example, '--color', 'always'])
    .trimEnd()
    .split('\n');
  // A finding ends with an empty line, and so does each block before it: the head, and the name of the file.
  const ends = lines.flatMap((line, index) => (line === '' ? [index] : []));
  const shown = [
    `\u001b[2m$\u001b[22m drone-audit ${example.join(' ')}`,
    '',
    ...lines.slice(0, ends[2]),
    '',
    '\u001b[2m…\u001b[22m',
    ...lines.slice(ends.at(-1)),
  ];
  return svgOf(shown, 'Text report of drone-audit: the first finding and the last lines');
}

const colours = {
  text: '#d7dce2',
  faint: '#8b949e',
  back: '#161b22',
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  36: '#76e3ea',
};
const cell = { width: 8, height: 18, size: 13, edge: 16 };

/**
 * Lines with the escape sequences that chalk writes (bold, faint, underlined, inverse, eight colours), on a grid of cells that
 * holds whatever the font is.
 *
 * @param {readonly string[]} lines
 * @param {string} title
 */
function svgOf(lines, title) {
  const texts = lines.map((line) => spansOf(line));
  const columns = Math.max(80, ...texts.map((spans) => spans.reduce((sum, { text }) => sum + text.length, 0)));
  const width = columns * cell.width + 2 * cell.edge;
  const height = lines.length * cell.height + 2 * cell.edge;
  const drawn = texts.flatMap((spans, row) => drawLine(spans, cell.edge + row * cell.height));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${colours.back}"/>`,
    `<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${cell.size}" fill="${colours.text}">`,
    ...drawn,
    '</g>',
    '</svg>\n',
  ].join('\n');
}

/** The parts of a line that look alike. */
function spansOf(line) {
  const spans = [];
  let style = {};
  for (const part of line.split(/(\u001b\[\d+m)/)) {
    const code = /^\u001b\[(\d+)m$/.exec(part)?.[1];
    if (code !== undefined) style = { ...style, ...changeOf(Number(code)) };
    else if (part !== '') spans.push({ text: part, style });
  }
  return spans;
}

function changeOf(code) {
  if (code >= 30 && code <= 37) return { colour: colours[code] ?? colours.text };
  const changes = {
    1: { bold: true },
    2: { faint: true },
    4: { underlined: true },
    7: { inverse: true },
    22: { bold: false, faint: false },
    24: { underlined: false },
    27: { inverse: false },
    39: { colour: undefined },
  };
  if (!(code in changes)) throw new Error(`the picture does not know the escape sequence ${code}`);
  return changes[code];
}

function drawLine(spans, top) {
  const drawn = [];
  let column = 0;
  for (const { text, style } of spans) {
    const word = text.trim();
    const before = text.length - text.trimStart().length;
    const x = cell.edge + (column + before) * cell.width;
    const width = word.length * cell.width;
    const colour = style.colour ?? (style.faint ? colours.faint : undefined);
    if (style.inverse && word !== '')
      drawn.push(
        `<rect x="${x - 2}" y="${top}" width="${width + 4}" height="${cell.height}" rx="2" fill="${colour ?? colours.text}"/>`,
      );
    const fill = style.inverse ? colours.back : colour;
    const attributes = [
      `x="${x}" y="${top + 13}" textLength="${width}" lengthAdjust="spacingAndGlyphs"`,
      fill ? ` fill="${fill}"` : '',
      style.bold ? ' font-weight="bold"' : '',
      style.underlined ? ' text-decoration="underline"' : '',
    ];
    // Spaces that no viewer puts together.
    if (word !== '') drawn.push(`<text ${attributes.join('')}>${escaped(word).replaceAll(' ', '\u00a0')}</text>`);
    column += text.length;
  }
  return drawn;
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The first screen of the HTML page. Throws where there is no browser. */
function htmlPicture(file) {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  try {
    const page = join(folder, 'report.html');
    writeFileSync(page, droneAudit(['scan', 'examples/careless', '--format', 'html']));
    const browser = process.env.CHROMIUM ?? 'chromium';
    const { status, error } = spawnSync(browser, [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--hide-scrollbars',
      '--window-size=1120,780',
      `--user-data-dir=${join(folder, 'profile')}`,
      `--screenshot=${file}`,
      pathToFileURL(page).href,
    ]);
    if (status !== 0) throw new Error(`${browser} made no picture: ${error?.message ?? status}`);
    writeFileSync(file, inFewColours(readFileSync(file)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv.includes('--text')) process.stdout.write(textPicture());
else {
  install();
  buildIfStale();
  mkdirSync(join(root, 'docs/pictures'), { recursive: true });
  writeFileSync(join(root, 'docs/pictures/report.svg'), textPicture());
  htmlPicture(join(root, 'docs/pictures/report.png'));
}
