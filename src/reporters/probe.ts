import { type ProbeRequest, probeRequests, type Verdict } from '../model/probe.ts';
import type { MaskedText } from '../model/text.ts';
import { visible } from './escape.ts';
import { hanging } from './prose.ts';
import { styles, type TextOptions } from './styles.ts';

/** What a probe asked, and what became of it. */
export interface ProbeView {
  readonly address: MaskedText;
  /** By the names of the requests. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** Stands before the report: silence would not tell what was tested. */
export function probeText({ address, verdicts }: ProbeView, { color, width }: TextOptions): string {
  const room = Math.max(width, 40);
  const rows = new Map<string, string[]>(labels.map((label) => [label, []]));
  for (const request of probeRequests) {
    const found = [...verdicts].filter(([name]) => name === request.name || isNumbered(name, request));
    for (const label of labels) {
      const amount = found.filter(([, verdict]) => labelOf(request.safe, verdict) === label).length;
      const words = request.name.endsWith('-') ? `${request.words} (${amount})` : request.words;
      if (amount > 0) rows.get(label)?.push(words);
    }
  }
  return [
    ...hanging('', `probe of ${visible(address)}`, room).map(styles(color).strong),
    '',
    ...[...rows].flatMap(([label, words]) =>
      words.length === 0 ? [] : hanging(` ${label}: `, words.join(', '), room),
    ),
    '',
    ...hanging(' ', told([...verdicts.keys()]), room),
    '',
    '',
  ].join('\n');
}

/** What was asked for, by the names of the requests, and what no request shows. */
function told(requests: readonly string[]): string {
  const canaries = requests.some((name) => name.startsWith('canary-')) ? ', and for canaries' : '';
  const asked = requests.includes('unknown-secret') ? `only for names that do not exist${canaries}` : 'for no secret';
  return `It was asked ${asked}. The path in a request is no fence: what an extension may read is limited by the policy of its store alone.`;
}

const labels = [
  'refused, as it should be',
  'answered, as it should be',
  'accepted, and must not be',
  'refused, and should not be',
  'cannot be told',
] as const;

/** What a verdict is called, by what a sound extension does. */
function labelOf(safe: Verdict, verdict: Verdict): (typeof labels)[number] {
  if (verdict === 'unknown') return 'cannot be told';
  if (safe === 'refused') return verdict === 'refused' ? 'refused, as it should be' : 'accepted, and must not be';
  if (verdict === 'refused') return 'refused, and should not be';
  if (safe === verdict) return 'answered, as it should be';
  return verdict === 'data' ? 'accepted, and must not be' : 'cannot be told';
}

function isNumbered(name: string, request: ProbeRequest): boolean {
  return request.name.endsWith('-') && name.startsWith(request.name);
}
