import { type Format, formats } from '../../src/commands/formats.ts';
import { render } from '../../src/commands/output.ts';
import type { Finding, Report } from '../../src/model/report.ts';
import { passing } from '../support/passing.ts';
import { masked } from '../support/text.ts';
import { largeReport } from './large-report.ts';
import { rules } from './sample-report.ts';

/*
 * Run by streaming-pages.test.ts and streaming-reports.test.ts in a process of its own, whose memory is limited: writes
 * FORMATS (`text`, `text:verbose`, `html`) from so many findings, which each pass makes anew, each with 3 KB of text of its own. Says of each how much it
 * wrote, how long that took (ms), and how much memory (MB) the process has had so far. With `kept`, all are kept beforehand.
 */

const [amount = '', ...words] = process.argv.slice(2);
const perFile = 100;
const pattern = largeReport(perFile);

function* findingsOf(file: number): Generator<Finding> {
  const name = `team-${file % 50}/service-${file}/.drone.yml`;
  for (const [index, each] of pattern.findings.entries()) {
    // By way of bytes, because what is put together of other texts takes no memory of its own.
    const text = masked(Buffer.from(each.at.source.text.slice(0, 3000).padEnd(3000, '#')).toString());
    const at = { ...each.at, source: { name, form: 'drone' as const, text }, span: { start: 0, end: 4 } };
    const own = { fingerprint: (file * perFile + index).toString(16).padStart(16, '0'), toldWith: `${name} ${index}` };
    yield { ...each, ...own, at, message: masked(`${each.message} in ${file}`) };
  }
}

function* allFindings(): Generator<Finding> {
  for (let file = 0; file < Number(amount) / perFile; file++) yield* findingsOf(file);
}

const findings = words.includes('kept') ? [...allFindings()] : passing(allFindings);
const report: Report = { ...pattern, findings, problems: [] };
for (const word of words) {
  const format = formats.find((each): each is Format => each === word.split(':')[0]);
  if (!format) continue;
  const look = { color: true, width: 80, verbose: word.endsWith(':verbose'), summary: false };
  const start = performance.now();
  let length = 0;
  for (const part of await render(format, report, { ...look, rules, familyOf: new Map() })) length += part.length;
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${word} ${length} ${Math.round(performance.now() - start)} ${peak}`);
}
