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
  const style = styles(color);
  const sent = probeRequests.flatMap((request) => {
    const found = [...verdicts].filter(([name]) => name === request.name || isNumbered(name, request));
    return found.map(([name, verdict]) => ({ request, name, verdict }));
  });
  const isBad = ({ request, verdict }: (typeof sent)[number]): boolean => {
    if (verdict === 'unknown') return false;
    return request.safe === 'refused' ? verdict !== 'refused' : request.safe === 'accepted' && verdict === 'data';
  };
  const rows: readonly (readonly [string, string])[] = (
    [
      ['refused, as it should be', (one) => one.verdict === 'refused' && one.request.safe === 'refused'],
      ['answered, as it should be', (one) => one.verdict !== 'refused' && one.verdict !== 'unknown' && !isBad(one)],
      ['accepted, and must not be', isBad],
      ['refused, and should not be', (one) => one.verdict === 'refused' && one.request.safe !== 'refused'],
      ['cannot be told', (one) => one.verdict === 'unknown'],
    ] satisfies readonly (readonly [string, (one: (typeof sent)[number]) => boolean])[]
  ).map(([label, isIn]) => [label, sent.filter(isIn).map(wordsOf).join(', ')]);
  const room = Math.max(width, 40);
  return [
    ...hanging('', `probe of ${visible(address)}`, room).map(style.strong),
    '',
    ...rows.flatMap(([label, words]) => (words === '' ? [] : hanging(` ${label}: `, words, room))),
    '',
    ...hanging(
      ' ',
      'Asked was only for names that do not exist, and for canaries. The path in a request is no fence: what an extension may read is limited by the policy of its store alone.',
      room,
    ),
    '',
    '',
  ].join('\n');
}

function isNumbered(name: string, request: ProbeRequest): boolean {
  return request.name.endsWith('-') && name.startsWith(request.name);
}

function wordsOf({ request, name }: { readonly request: ProbeRequest; readonly name: string }): string {
  return isNumbered(name, request) ? `${request.words} ${name.slice(request.name.length)}` : request.words;
}
