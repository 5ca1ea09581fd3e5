import type { Pipeline, PipelineStream } from '../../model/pipeline.ts';
import { type Hit, rule } from '../../model/rule.ts';
import type { Location } from '../../model/source.ts';
import { separatorsInText } from './_separators.ts';
import { isEmptyDocument } from './malformed-pipeline.ts';

export default rule({
  id: 'lost-document',
  on: 'document',
  severity: 'medium',
  confidence: 'high',
  title: 'Part of the file is never read',
  why: 'Drone splits a file by rules of its own: a line that begins with `---` separates and the rest of it is dropped, a line that begins with `...` ends the file, a line over 64 KiB too. Nothing of what is lost is reported; a check in it does not run.',
  fix: 'One document for each `---` on a line of its own, nothing before the first one but comments without a `---` below them, nothing after `...`, and a different `name` for each pipeline.',
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
        message: stream.legacy ? reasons.legacy : reasons[why],
        ...severityOf(what),
      };
    }
    // A file of an older format is refused as a whole anyway.
    for (const { message, at } of stream.legacy ? [] : stream.refusals)
      if (isEmptyDocument({ message, at }))
        yield {
          at,
          subject: at.path,
          message:
            'this document holds nothing, or only comments: the server refuses the whole file ("yaml: missing kind attribute")',
        };
    yield* namesakes(stream);
    for (const { span, rest } of separatorsInText(stream))
      yield {
        at: { source, path: 'lost[in a text]', span },
        subject: 'lost in a text',
        message: 'this line ends the text above it, and the document with it: what follows is read as another document',
        ...severityOf(rest),
      };
  },
});

const reasons = {
  legacy: 'of a file in the format of 0.8 only the first document is converted; this one is dropped',
  'after separator': 'what stands on the line of a separator is dropped',
  'after terminator': 'nothing below a line that begins with "..." is read',
  'long line': 'this line is longer than 64 KiB: it and everything below it is dropped without a word',
} as const;

/** A part that holds a pipeline or a trigger is worse to lose. */
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

/** Pipelines without a name and named `default`, which the server takes for two and the runner for one. */
function* namesakes({ pipelines, legacy }: PipelineStream): Iterable<Hit> {
  const [first, ...others] = legacy ? [] : pipelines.filter(({ name }) => name === 'default');
  const isUnnamed = ({ nameAt, source }: Pipeline): boolean =>
    source.text.slice(nameAt.span.start, nameAt.span.end) !== 'default';
  // Two that are both named the same are refused by the server.
  for (const other of others)
    if (first && isUnnamed(first) !== isUnnamed(other))
      yield {
        at: other.nameAt,
        subject: 'default',
        message:
          'a pipeline without a name is "default" too: the runner finds only the first of the two and runs it twice',
        severity: 'high',
        related: [{ at: first.nameAt, message: 'the one that is found' }],
      };
}
