import type { Pipeline, PipelineStream } from '../../model/pipeline.ts';
import { type Hit, type Location, ownWords, rule, say } from '../../model/rule.ts';
import { separatorsInText } from './_separators.ts';
import { isEmptyDocument } from './malformed-pipeline.ts';

export default rule({
  id: 'lost-document',
  on: 'document',
  severity: 'medium',
  confidence: 'high',
  title: 'Part of the file is never read',
  why: 'Drone splits files by rules of its own: any line that begins with `---` is a separator, and the rest of that line is dropped; a line that begins with `...`, or is longer than 64 KiB, ends the file. The loss is not reported, and a check in the lost part never runs.',
  fix: 'Put each `---` on a line of its own, with a document below it. Put nothing but a document before the first `---` (comments alone count as an empty one) and nothing after `...`, and give each pipeline a different `name`.',
  refs: [
    'https://docs.drone.io/pipeline/configuration/#multiple-pipelines',
    'drone/drone-yaml yaml/parse.go:45-120',
    'drone-runners/drone-runner-docker engine/resource/lookup.go',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(stream) {
    const { source } = stream;
    for (const { span, why } of stream.lost) {
      const what = source.text.slice(span.start, span.end);
      yield {
        at: { source, path: `lost[${why}]`, span: firstLine(what, span.start) },
        subject: `lost ${why}`,
        message: ownWords(stream.legacy ? reasons.legacy : reasons[why]),
        ...severityOf(what),
      };
    }
    // A file in an older format is refused as a whole anyway.
    for (const { message, at } of stream.legacy ? [] : stream.refusals)
      if (isEmptyDocument({ message, at }))
        yield {
          at,
          subject: at.path,
          message: say`this document is empty or holds only comments: the server refuses the whole file ("yaml: missing kind attribute")`,
        };
    yield* namesakes(stream);
    for (const { span, rest } of separatorsInText(stream))
      yield {
        at: { source, path: 'lost[in a text]', span },
        subject: 'lost in a text',
        message: say`this line ends the block above it, and the document with it: what follows is read as another document`,
        ...severityOf(rest),
      };
  },
});

const reasons = {
  legacy: 'in the 0.8 format only the first document is converted; this one is dropped',
  'after separator': 'the rest of the line of a separator is dropped',
  'after terminator': 'nothing below a line that begins with "..." is read',
  'long line': 'this line is longer than 64 KiB: it and everything below it is silently dropped',
} as const;

/** Losing a part that holds a pipeline or a trigger is worse. */
function severityOf(text: string): Pick<Hit, 'severity'> {
  return /(?:^|[\s{,"'])(?:kind["']?\s*:\s*["']?pipeline|trigger["']?\s*:|pipeline\s*:)/.test(text.slice(0, maxText))
    ? { severity: 'high' }
    : {};
}

const maxText = 100_000;

function firstLine(text: string, start: number): Location['span'] {
  const end = text.slice(0, 200).search(/[\r\n]/);
  return { start, end: start + (end < 0 ? Math.min(text.length, 200) : end) };
}

/** A pipeline without a name beside one named `default`: two for the server, one for the runner. */
function* namesakes({ pipelines, legacy }: PipelineStream): Iterable<Hit> {
  const [first, ...others] = legacy ? [] : pipelines.filter(({ name }) => name === 'default');
  const isUnnamed = ({ nameAt, source }: Pipeline): boolean =>
    source.text.slice(nameAt.span.start, nameAt.span.end) !== 'default';
  // The server refuses two pipelines that are both written with the same name.
  for (const other of others)
    if (first && isUnnamed(first) !== isUnnamed(other))
      yield {
        at: other.nameAt,
        subject: 'default',
        message: say`a pipeline without a name is also called "default": the runner finds only the first of the two and runs it twice`,
        severity: 'high',
        related: [{ at: first.nameAt, message: say`the one that is found` }],
      };
}
