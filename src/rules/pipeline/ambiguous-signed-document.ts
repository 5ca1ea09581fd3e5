import type { PipelineStream } from '../../model/pipeline.ts';
import { type Hit, ownWords, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'ambiguous-signed-document',
  on: 'document',
  severity: 'high',
  confidence: 'medium',
  title: 'Document structure whose meaning the signature does not pin',
  why: 'A signed file is trusted because a person has reviewed it. Here the reviewer, the signature check and the runner may each read something different, so the signature does not establish what will run.',
  fix: 'Remove the construct, have a person review the file, and sign it again:\n\n```sh\ndrone sign --save octocat/app\n```',
  refs: [
    'https://docs.drone.io/signature/',
    'drone/drone-yaml yaml/signer/signer.go:117-127',
    'harness/drone trigger/trigger.go:266',
  ],
  standards: { owasp: ['CICD-SEC-1', 'CICD-SEC-9'], cwe: ['CWE-345'] },
  supersedes: ['duplicate-key', 'lost-document'],
  since: '0.1.0',
  *judge(stream) {
    const [signature, ...others] = stream.signatures;
    if (!signature) return;
    const related = [{ at: signature.at, message: say`the signature` }];
    for (const { at } of others)
      yield { at, subject: at.path, message: say`this file has more than one signature`, related };
    for (const hit of [...keys(stream), ...lostParts(stream), ...names(stream), ...openVariables(stream)])
      yield { ...hit, related: [...(hit.related ?? []), ...related] };
  },
});

/** Keys that a signature does not know, and keys that occur twice. */
function* keys({ unknownKeys, duplicateKeys }: PipelineStream): Iterable<Hit> {
  for (const { value, at } of unknownKeys)
    if (/^signature(?:#\d+)?\.[^.[]+$/.test(at.path))
      yield { at, subject: at.path, message: say`"${value}" is not a key of a signature` };
  for (const { value, at, first } of duplicateKeys)
    if (/^(?:[^.]*|[^.[]*\[.*\](?:#\d+)?)\.(?:kind|name|hmac)$/.test(at.path))
      yield {
        at,
        subject: `key ${at.path}`,
        message: say`"${value}" occurs twice in this document`,
        related: [{ at: first, message: say`written here first` }],
      };
}

function* lostParts({ source, lost }: PipelineStream): Iterable<Hit> {
  for (const { span, why } of lost)
    if (why !== 'long line')
      yield {
        at: { source, path: `lost[${why}]`, span: { start: span.start, end: Math.min(span.end, span.start + 200) } },
        subject: `lost ${why}`,
        message:
          why === 'after separator'
            ? say`there is text on the line of a separator`
            : say`there is text after the end of the file ("...")`,
      };
}

function* names({ pipelines }: PipelineStream): Iterable<Hit> {
  const seen = new Map<string, Hit['at']>();
  for (const { name, nameAt, documentKind, type, typeAt } of pipelines) {
    const first = seen.get(name);
    if (first)
      yield {
        at: nameAt,
        subject: 'default',
        message: say`two pipelines have the name "${name}"`,
        related: [{ at: first, message: say`the first one` }],
      };
    seen.set(name, first ?? nameAt);
    for (const [key, text, at] of [
      ['kind', documentKind.value, documentKind.at],
      ['name', name, nameAt],
      ['type', type, typeAt],
    ] as const)
      if (at && text.includes('${'))
        yield { at, subject: at.path, message: say`"${ownWords(key)}" of a signed pipeline holds "\${"` };
  }
}

/** `${` that is not closed on its line; only the first one is reported. */
function* openVariables({ source }: PipelineStream): Iterable<Hit> {
  const index = source.text.search(/\$\{(?=[^}\r\n]{0,2000}(?:[\r\n]|$))/);
  if (index < 0) return;
  yield {
    at: { source, path: 'text', span: { start: index, end: index + 2 } },
    subject: 'open variable',
    message: say`"\${" is not closed on its line: what it replaces extends into the next lines`,
  };
}
