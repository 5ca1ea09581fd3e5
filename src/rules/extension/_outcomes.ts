import { type ExtensionProbe, type Outcome, type ProbeRequest, probeRequests } from '../../model/probe.ts';
import { joinTexts, say, type Text } from '../../model/rule.ts';

/** A request of a probe with what became of it. */
export interface Asked {
  readonly request: ProbeRequest;
  readonly outcome: Outcome;
}

/** The requests of one group that were sent, in the order of `probeRequests`. */
export function askedOf({ outcomes }: ExtensionProbe, group: ProbeRequest['group']): readonly Asked[] {
  return probeRequests
    .filter((request) => request.group === group)
    .flatMap((request) =>
      [...outcomes]
        .filter(([name]) => name === request.name || (request.name.endsWith('-') && name.startsWith(request.name)))
        .map(([, outcome]) => ({ request, outcome })),
    );
}

/** Whether what was asked for was let in. */
export function isLetIn({ outcome }: Asked): boolean {
  return outcome.verdict.value === 'accepted' || outcome.verdict.value === 'data';
}

export function isUntold({ outcome }: Asked): boolean {
  return outcome.verdict.value === 'unknown';
}

/** `no signature, a random key and an empty key`. */
export function wordsOf(asked: readonly Asked[]): Text {
  const words = asked.map(({ request }) => say`${request.words}`);
  const [last] = words.slice(-1);
  if (words.length < 2 || !last) return joinTexts(words, '');
  return say`${joinTexts(words.slice(0, -1), ', ')} and ${last}`;
}

/** Whether a request without a key, or with any, is let in: what a key is needed for is moot then. */
export function isOpen({ outcomes }: ExtensionProbe): boolean {
  return ['unsigned', 'wrong-key'].some((name) => {
    const verdict = outcomes.get(name)?.verdict.value;
    return verdict === 'accepted' || verdict === 'data';
  });
}
