import type { PipelineStream } from '../../model/pipeline.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import type { Location, Span } from '../../model/source.ts';

export default rule({
  id: 'hidden-character',
  on: 'document',
  severity: 'high',
  confidence: 'high',
  title: 'File holds characters that hide its meaning',
  why: 'Editors and review tools show something other than what Drone reads: text runs backwards, names that look the same differ, and a line break that no editor shows starts a new line of YAML, with keys of its own.',
  fix: 'Remove the character, then check the line byte by byte:\n\n```sh\nLC_ALL=C grep -anP "\\xE2\\x80[\\x8B-\\x8F\\xA8-\\xAE]|\\xE2\\x81[\\xA0\\xA6-\\xA9]|\\xC2\\x85|\\xEF\\xBB\\xBF" .drone.yml | cat -v\n```',
  refs: [
    'https://trojansource.codes/',
    'https://yaml.org/spec/1.1/#b-char',
    'buildkite/yaml v2.1.0 yamlprivateh.go is_break',
  ],
  standards: { owasp: ['CICD-SEC-4'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(stream) {
    const { source } = stream;
    for (const [name, { pattern, effect, mayBeShown }] of Object.entries(hidden)) {
      const found = placesOf(pattern, source.text);
      const shown = mayBeShown && found.length > 0 ? displayed(stream) : [];
      const [first, ...others] = found.filter(
        ({ start }) => !shown.some((span) => span.start <= start && start < span.end),
      );
      if (!first) continue;
      const place = (span: Span): Location => ({ source, path: `text[${name}]`, span });
      const codeAt = ({ start }: Span): string =>
        `U+${(source.text.codePointAt(start) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
      yield {
        at: place(first),
        subject: name,
        message: say`${codeAt(first)} (${name}) is here: ${effect}${others.length > 0 ? say`; ${others.length} more in this file` : ''}`,
        related: others.map((span) =>
          alsoAt(place(span), say`another ${name}`, { message: say`${codeAt(span)} (${name}) is here: ${effect}` }),
        ),
      };
    }
  },
});

/** Counting stops here. */
const maxFound = 1_000;

function placesOf(pattern: RegExp, text: string): readonly Span[] {
  const found: Span[] = [];
  for (const { index, 0: sign } of text.matchAll(pattern)) {
    if (found.length === maxFound) break;
    found.push({ start: index, end: index + sign.length });
  }
  return found;
}

interface Hidden {
  readonly pattern: RegExp;
  readonly effect: string;
  /** It may be legitimate in text for people: inside an emoji, or in a script that joins letters. */
  readonly mayBeShown?: true;
}

const hidden: Readonly<Record<string, Hidden>> = {
  'bidirectional control': {
    pattern: /[\u202A-\u202E\u2066-\u2069]/g,
    effect: 'what follows is shown in a different order from the one it is read in',
  },
  'zero-width character': {
    // A byte order mark at the very start of a file only names its encoding; a joiner between emoji makes one of two.
    pattern: /(?<!^)\uFEFF|[\u200B\u200C\u2060]|(?<!\p{Extended_Pictographic}\uFE0F?)\u200D/gu,
    effect: 'it is part of the text, but invisible',
    mayBeShown: true,
  },
  NUL: { pattern: /\0/g, effect: 'not every program reads what follows it' },
  'unusual line break': {
    pattern: /\r(?!\n)|[\u0085\u2028\u2029]/g,
    effect: 'Drone starts a new line of YAML here, which editors and reviews may not show',
  },
};

/** Settings whose values people read: messages and titles. */
const displaySettings =
  /^(?:message|msg|template|title|text|body|description|note|notes|subject|content|footer|header)$/i;

function displayed({ pipelines }: PipelineStream): readonly Span[] {
  return pipelines.flatMap(({ steps }) =>
    steps.flatMap(({ settings }) =>
      settings.filter(({ name }) => displaySettings.test(name.value)).map(({ at }) => at.span),
    ),
  );
}
