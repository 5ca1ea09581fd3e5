import { binarySearch } from '../model/binary-search.ts';
import type { Artifact } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type Step } from '../model/pipeline.ts';
import type { Hit } from '../model/rule.ts';
import { type Settings, settingsOf } from '../model/settings.ts';
import type { Form, Location } from '../model/source.ts';
import { conditionsBlock } from './conditions-block.ts';
import { type Block, indented, markdownOf, type Part, partsOf, yamlScalar } from './markdown.ts';
import { settingsBlock } from './settings-block.ts';
import { taskOf } from './task.ts';

/** What a fix is about, as far as it is known. */
export interface FixRequest {
  /** The fix of the rule, with blocks as CONTRIBUTING.md describes them. */
  readonly fix: string;
  readonly hit: Hit;
  readonly artifact: Artifact;
  /** A name as it may be shown; undefined if it, or a part of it, is hidden. */
  readonly clean: (name: string) => string | undefined;
}

/** Longer names of steps are refused by some runners, and make no block easier to read. */
const maxName = 80;

/** The fix of a finding in Markdown, and what it says to do first. */
export interface OwnFix {
  readonly fix: string;
  readonly task: string;
}

/** The fix of a finding: with its own names, conditions and settings, in the form of its own file. */
export function fixOf({ fix, hit, artifact, clean }: FixRequest): OwnFix {
  const named = filled(fix, hit.fills ?? {}, clean);
  return { fix: markdownOf(ownParts(partsOf(named), { fix, hit, artifact, clean })), task: taskOf(named) };
}

function ownParts(written: readonly Part[], { hit, artifact, clean }: FixRequest): readonly Part[] {
  const parts = inForm(written, hit.at.source.form);
  if (!parts.some((part) => part.kind === 'block')) return parts;
  const { step, pipeline } = ownerOf(artifact, hit.at);
  const settings = settingsIn(artifact);
  const file = clean(hit.at.source.name);
  const named = (block: Block, text: string): Block => ({
    ...block,
    text: file === undefined ? text : `# ${file}\n${text}`,
  });
  return parts.flatMap((part): readonly Part[] => {
    if (part.kind === 'prose') return [part];
    switch (part.use) {
      case 'conditions': {
        const text = withOwn(`${step ? 'when' : 'trigger'}:\n${indented(part.text, 2)}`);
        return [named(part, step ? below(step, text) : belowPipeline(pipeline, text))];
      }
      case 'step':
        return step ? [named(part, below(step, withOwn(part.text)))] : [part];
      case 'pipeline':
        return pipeline ? [named(part, belowPipeline(pipeline, withOwn(part.text)))] : [part];
      case 'compose': {
        const name = artifact.kind === 'container' ? clean(artifact.name) : settings?.container?.name;
        if (hit.at.source.form !== 'compose' || name === undefined) return [part];
        const service = `services:\n  ${yamlScalar(name)}:\n${indented(part.text, 4)}`;
        return [named(part, service)];
      }
      case '':
        return part.language === 'env' && settings ? settingsBlock(part, settings, hit.at, clean) : [part];
      default:
        return [named(part, part.text)];
    }
  });

  /** A block in which `when` or `trigger` has the conditions that stand there, too. */
  function withOwn(text: string): string {
    const [key, own] = step ? (['when', step.when] as const) : (['trigger', pipeline?.trigger] as const);
    const reached = step ? pipeline?.reach.events : undefined;
    const entries = text.split(/\n(?=\S)/).map((entry) => {
      const [head, ...lines] = entry.split('\n');
      if (head !== `${key}:`) return entry;
      const conditions = lines.map((line) => line.replace(/^ {2}/, '')).join('\n');
      return `${head}\n${indented(conditionsBlock(conditions, { key, own, reached, at: hit.at, clean }), 2)}`;
    });
    return entries.join('\n');
  }

  function below({ name }: Step, text: string): string {
    const shown = name.length <= maxName ? clean(name) : undefined;
    return shown === undefined || shown === '' ? text : `- name: ${yamlScalar(shown)}\n${indented(text, 2)}`;
  }

  function belowPipeline(of: Pipeline | undefined, text: string): string {
    const [type, name] = [of && clean(of.type), of && clean(of.name)];
    if (!type || !name) return text;
    const own = ['kind: pipeline', `type: ${yamlScalar(type)}`, `name: ${yamlScalar(name)}`];
    const written = new Set(text.match(/^\w+:/gm));
    return [...own.filter((line) => !written.has(line.slice(0, 5))), text].join('\n');
  }
}

/** The uses of blocks that are the same fix in another form. */
const forms: Readonly<Partial<Record<Form, string>>> = {
  compose: 'compose',
  kubernetes: 'kubernetes',
  'helm-values': 'helm',
  'docker-run': 'docker-run',
  systemd: 'systemd',
};

/** Forms in which nobody deploys by themselves: a fix in any form may be the right one. */
const ofAnyDeployment: ReadonlySet<Form> = new Set(['env', 'docker-env', 'docker-inspect']);

/**
 * Only the blocks in the form of the finding's file, else those of Compose, without what leads up to the others. What is
 * said between two forms only names the second.
 */
function inForm(parts: readonly Part[], form: Form): readonly Part[] {
  const written = new Set(Object.values(forms));
  const uses = parts.flatMap((part) => (part.kind === 'block' && written.has(part.use) ? [part.use] : []));
  if (uses.length === 0) return parts;
  const wanted =
    uses.find((use) => use === forms[form]) ??
    uses.find((use) => use === 'compose') ??
    (ofAnyDeployment.has(form) ? uses[0] : undefined);
  const isForm = (part: Part | undefined): boolean => part?.kind === 'block' && written.has(part.use);
  const isShown = (part: Part | undefined): boolean => part?.kind === 'block' && part.use === wanted;
  return parts.filter((part, index) => {
    if (part.kind === 'block') return !isForm(part) || isShown(part);
    if (!part.text.endsWith(':') || !isForm(parts[index + 1])) return true;
    return !isForm(parts[index - 1]) && leadsToShown(parts, index + 1);
  });

  /** Whether forms follow one another, each with its name before it, up to one that is shown. */
  function leadsToShown(all: readonly Part[], from: number): boolean {
    for (let at = from; at < all.length; at++) {
      const part = all[at];
      if (isShown(part)) return true;
      if (part?.kind === 'prose' ? !(part.text.endsWith(':') && isForm(all[at + 1])) : !isForm(part)) return false;
    }
    return false;
  }
}

/** What can be pasted into a command or into YAML as it is. */
const pasteable = /^[\w./:@+-]{1,200}$/;

/** The fix with the names of a finding, but for those that would have to be quoted there, or hidden. */
function filled(
  fix: string,
  fills: Readonly<Record<string, string>>,
  clean: (name: string) => string | undefined,
): string {
  const [[word, name] = [], ...others] = Object.entries(fills);
  if (word === undefined || name === undefined) return fix;
  const shown = pasteable.test(name) && clean(name) !== undefined ? name : word;
  // What is filled in stays as it is: a name may hold one of the other words.
  const parts = fix.split(word).map((part) => filled(part, Object.fromEntries(others), clean));
  return parts.join(shown);
}

/** The pipeline that a hit is of, and the step whose lines it is at. */
function ownerOf(artifact: Artifact, at: Location): { step?: Step; pipeline?: Pipeline } {
  const pipelines = artifact.kind === 'pipeline' ? [artifact] : artifact.kind === 'document' ? artifact.pipelines : [];
  const pipeline = pipelines.find((each) => holds(each, at)) ?? pipelines[0];
  if (!pipeline) return {};
  const steps = stepsByPlace(pipeline);
  const last = steps[binarySearch(steps, (each) => each.at.span.start > at.span.start) - 1];
  return { pipeline, step: last && holds(last, at) ? last : undefined };
}

function holds({ at }: Pipeline | Step, { source, span }: Location): boolean {
  return at.source === source && at.span.start <= span.start && span.start < at.span.end;
}

const stepsByPlace = memoizePer((pipeline: Pipeline) =>
  allSteps(pipeline).toSorted((a, b) => a.at.span.start - b.at.span.start),
);

function settingsIn(artifact: Artifact): Settings | undefined {
  if (artifact.kind === 'settings') return artifact;
  return artifact.kind === 'container' ? settingsOf(artifact) : undefined;
}
