import { formats } from '../../src/commands/formats.ts';
import { render } from '../../src/commands/output.ts';
import { largeReport } from './large-report.ts';
import { rules } from './sample-report.ts';

/* Run by large.test.ts in a process of its own, whose memory is limited: writes every format, and says so. */

const [amount, ...chosen] = process.argv.slice(2);
const report = largeReport(Number(amount));
for (const format of chosen.length > 0 ? formats.filter((each) => chosen.includes(each)) : formats) {
  const look = { color: true, width: 80, verbose: true, summary: false, rules, familyOf: new Map() };
  let length = 0;
  for (const part of await render(format, report, { ...look, cardTemplate: 'https://ci.example.com/card.json' }))
    length += part.length;
  console.log(`${format} ${length}`);
}
