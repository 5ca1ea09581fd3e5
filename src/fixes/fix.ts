import { binarySearch } from '../model/binary-search.ts';
import { type Block, indented, markdownOf, type Part, partsOf } from '../model/fix-markdown.ts';
import { groupedBy } from '../model/groups.ts';
import type { Artifact, Installation } from '../model/installation.ts';
import { memoizePer } from '../model/memoize.ts';
import { allSteps, type Pipeline, type PipelineStream, type Step, type StepValue } from '../model/pipeline.ts';
import type { Hit } from '../model/rule.ts';
import { type Settings, settingsOf } from '../model/settings.ts';
import { type Form, type Location, lineOf } from '../model/source.ts';
import { conditionsBlock, refsBlock } from './conditions-block.ts';
import { type ListedSecret, legacyForm } from './legacy-form.ts';
import { suitedProse } from './prose.ts';
import { settingsBlock } from './settings-block.ts';
import { taskOf } from './task.ts';
import { yamlScalar } from './yaml-scalar.ts';

/** What a fix is about, as far as it is known. */
export interface FixRequest {
  /** The fix of the rule, with blocks as CONTRIBUTING.md describes them. */
  readonly fix: string;
  readonly hit: Hit;
  readonly artifact: Artifact;
  readonly installation: Installation;
  /** A name as it may be shown; undefined if it, or a part of it, is hidden, or if it is too long to make a fix clearer. */
  readonly clean: (name: string) => string | undefined;
  /** The change that is compared brings it in: no comment accepts it yet. */
  readonly isOfChange?: boolean;
}

/** Longer names of steps are refused by some runners, and make no block easier to read. */
const maxName = 80;

/** The fix of a finding in Markdown, and what it says to do first. */
export interface OwnFix {
  readonly fix: string;
  readonly task: string;
}

const commentOfChange =
  'A comment counts once the change is merged: what a change brings in, no comment accepts before that.';

/** The fix of a finding: with its own names, conditions and settings, in the form of its own file. */
export function fixOf(request: FixRequest): OwnFix {
  const named = filled(request.fix, request.hit.fills ?? {}, request.clean);
  const own = markdownOf(ownParts(partsOf(named), request));
  const isAccepted = request.isOfChange && own.includes('# drone-audit: ignore[');
  return { fix: isAccepted ? `${own}\n\n${commentOfChange}` : own, task: taskOf(named) };
}

function ownParts(written: readonly Part[], { hit, artifact, installation, clean }: FixRequest): readonly Part[] {
  const settings = settingsIn(artifact, hit, installation);
  const parts = inForm(written, hit.at.source.form, settings);
  if (!parts.some((part) => part.kind === 'block')) return parts;
  const { step, pipeline } = ownerOf(artifact, hit.at);
  const file = clean(hit.at.source.name);
  const named = (block: Block, text: string): Block => ({
    ...block,
    text: file === undefined ? text : `# ${file}\n${text}`,
  });
  const own = parts.flatMap((written): readonly Part[] => {
    if (written.kind === 'prose') return [written];
    const part = { ...written, text: withBranchOf(pipeline, written.text) };
    switch (part.use) {
      case 'conditions':
      case 'refs': {
        const text = step ? below(step, part.text, 'when', part.use) : belowPipeline(part.text, 'trigger', part.use);
        return [named(part, text)];
      }
      case 'step':
        return step && !isExample(part.text, step) ? [named(part, below(step, part.text))] : [part];
      case 'pipeline':
        return pipeline && !pipeline.legacy ? [named(part, belowPipeline(part.text))] : [part];
      case 'compose': {
        const name = artifact.kind === 'container' ? clean(artifact.name) : settings?.container?.name;
        if (hit.at.source.form !== 'compose' || name === undefined) return [part];
        const service = `services:\n  ${yamlScalar(name)}:\n${indented(part.text, 4)}`;
        return [named(part, service)];
      }
      case 'current':
        return [part];
      case '':
        return part.language === 'env' && settings
          ? settingsBlock(part, settings, hit.at, installation, clean)
          : [part];
      default:
        return [named(part, part.text)];
    }
  });
  const suited = suitedProse(own, step ?? pipeline);
  return pipeline?.legacy ? suited.map((part) => inLegacyForm(part, step, clean)) : suited;

  /** A block in which `when` or `trigger` has the conditions that stand there, too. */
  function withOwn(text: string, of: Step | undefined, use: ConditionsUse): string {
    const [key, own] = of ? (['when', of.when] as const) : (['trigger', pipeline?.trigger] as const);
    const entries = text.split(/\n(?=\S)/).map((entry) => {
      const [head, ...lines] = entry.split('\n');
      if (head !== `${key}:`) return entry;
      const conditions = lines.map((line) => line.replace(/^ {2}/, '')).join('\n');
      const block = use === 'refs' ? refsBlock : conditionsBlock;
      return `${head}\n${indented(block(conditions, { key, own, pipeline, at: hit.at, clean }), 2)}`;
    });
    return entries.join('\n');
  }

  /** The name of a step as it can be shown; undefined if it is hidden, empty or too long. */
  function shownName({ name }: Step): string | undefined {
    return name.length <= maxName ? clean(name) || undefined : undefined;
  }

  /** Keys of a step, or what belongs below one of them, below its name. */
  function below(of: Step, text: string, key?: string, use: ConditionsUse = 'conditions'): string {
    const whole = withOwn(key === undefined ? text : `${key}:\n${indented(text, 2)}`, of, use);
    const shown = shownName(of);
    if (shown === undefined) return whole;
    if (!pipeline?.legacy) return `- name: ${yamlScalar(shown)}\n${indented(whole, 2)}`;
    return `${sectionOf(of)}:\n  ${yamlScalar(shown)}:\n${indented(whole, 4)}`;
  }

  /** Keys of a pipeline, or what belongs below one of them, below its name. Before 1.0 only steps have conditions. */
  function belowPipeline(text: string, key?: string, use: ConditionsUse = 'conditions'): string {
    const [type, name] = [pipeline && clean(pipeline.type), pipeline && clean(pipeline.name)];
    if (pipeline?.legacy && key !== undefined) {
      const all = stepsOf(pipeline, hit);
      const steps = all.filter((each) => shownName(each));
      // One that cannot be named is told by its line: whoever does what is shown has to be done.
      const unnamed = all.filter((each) => !shownName(each)).map(({ nameAt }) => lineOf(nameAt));
      const more = unnamed.length > 0 ? [`  # and the same below the steps in these lines: ${unnamed.join(', ')}`] : [];
      if (steps.length === 0) return [...more, `when:\n${indented(text, 2)}`].join('\n');
      const shown = [...groupedBy(steps, sectionOf)].flatMap(([section, of]) => [
        `${section}:`,
        ...of.map((each) => below(each, text, 'when', use).slice(section.length + 2)),
      ]);
      return [...shown, ...more].join('\n');
    }
    const whole = withOwn(key === undefined ? text : `${key}:\n${indented(text, 2)}`, undefined, use);
    if (!type || !name) return whole;
    const own = ['kind: pipeline', `type: ${yamlScalar(type)}`, `name: ${yamlScalar(name)}`];
    const written = new Set(whole.match(/^\w+:/gm));
    return [...own.filter((line) => !written.has(line.slice(0, 5))), whole].join('\n');
  }
}

/** A part with its block of YAML as it is before 1.0, unless it is about the file once it is converted. */
function inLegacyForm(part: Part, step: Step | undefined, clean: FixRequest['clean']): Part {
  if (part.kind === 'prose' || part.language !== 'yaml' || part.use === 'current') return part;
  const own = part.use === 'step' && step ? legacySecretsOf(step) : [];
  const shown = own.filter(({ source, target }) =>
    [source, target].every((name) => pasteable.test(name) && clean(name) !== undefined),
  );
  return { ...part, text: legacyForm(part.text, shown) };
}

/** The secrets that a step of a file before 1.0 lists already. */
function legacySecretsOf({ environment }: Step): readonly ListedSecret[] {
  return environment.flatMap(({ name, fromSecret }) =>
    fromSecret ? [{ source: fromSecret.value, target: name.value }] : [],
  );
}

/** Which conditions a block says: those that its fix names, or refs in place of branches. */
type ConditionsUse = 'conditions' | 'refs';

/** The key that steps stand below before 1.0. */
function sectionOf({ section }: Step): string {
  return section === 'services' ? 'services' : 'pipeline';
}

/** The steps of a file before 1.0 that a finding of its pipeline is about, in its order: conditions stand below each. */
function stepsOf(pipeline: Pipeline, { related = [] }: Hit): readonly Step[] {
  const steps = allSteps(pipeline);
  const byPlace = new Map(steps.map((step) => [step.nameAt.span.start, step]));
  const told = related.flatMap(({ at, again }) =>
    again && at.source === pipeline.at.source ? (byPlace.get(at.span.start) ?? []) : [],
  );
  if (told.length > 0) return [...new Set(told)];
  const open = steps.filter(({ reach }) => reach.pullRequest);
  const atStake = open.filter(({ environment, settings }) => [...environment, ...settings].some(holdsSecret));
  return atStake.length > 0 ? atStake : open;
}

function holdsSecret({ fromSecret, nestedSecrets }: StepValue): boolean {
  return fromSecret !== undefined || nestedSecrets.length > 0;
}

/** Whether a block only shows how: commands in place of the author's own, or another image for what is a service. */
function isExample(text: string, step: Step): boolean {
  return (
    (/^commands:/m.test(text) && step.commands.length > 0) || (/^image:/m.test(text) && step.section === 'services')
  );
}

/** The block with the branch that the file speaks of in place of `main`. */
function withBranchOf(pipeline: Pipeline | undefined, text: string): string {
  const branch = pipeline && branchOf(pipeline.stream);
  return branch === undefined ? text : text.replace(/\bmain\b/g, branch);
}

const branchOf = memoizePer(({ pipelines }: PipelineStream): string | undefined => {
  const blocks = pipelines.flatMap((each) => [each.trigger, ...allSteps(each).map(({ when }) => when)]);
  const named = new Set(
    blocks.flatMap((block) => (block?.conditions.get('branch')?.include ?? []).map(({ value }) => value)),
  );
  return named.has('master') && !named.has('main') ? 'master' : undefined;
});

/** The uses of blocks that are the same fix in another form. */
const forms: Readonly<Partial<Record<Form, string>>> = {
  compose: 'compose',
  kubernetes: 'kubernetes',
  'helm-values': 'helm',
  'docker-run': 'docker-run',
  systemd: 'systemd',
};

const formUses: ReadonlySet<string> = new Set(Object.values(forms));

/**
 * Only the blocks in the form of the finding's file, else those of Compose, without what leads up to the others. What is
 * said between two forms only names the second.
 */
function inForm(parts: readonly Part[], form: Form, settings: Settings | undefined): readonly Part[] {
  const uses = parts.flatMap((part) => (part.kind === 'block' && formUses.has(part.use) ? [part.use] : []));
  if (uses.length === 0) return parts;
  const isRunByUnit = form === 'systemd' && settings?.container !== undefined;
  const isOfUnit = form === 'env' && settings?.role === 'runner-exec';
  const own = isRunByUnit ? 'docker-run' : isOfUnit ? 'systemd' : forms[form];
  const wanted = uses.find((use) => use === own) ?? uses.find((use) => use === 'compose');
  const isForm = (part: Part | undefined): boolean => part?.kind === 'block' && formUses.has(part.use);
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

/** Whether a name would be an option in the place of another: `drone repo update --help/app`. */
function isOption(name: string, word: string): boolean {
  return name.startsWith('-') && /^[\w./:@+]+$/.test(word);
}

/** The fix with the names of a finding, but for those that would have to be quoted there, or hidden. */
function filled(
  fix: string,
  fills: Readonly<Record<string, string>>,
  clean: (name: string) => string | undefined,
): string {
  const [[word, name] = [], ...others] = Object.entries(fills);
  if (word === undefined || name === undefined) return fix;
  const isShown = pasteable.test(name) && !isOption(name, word) && clean(name) !== undefined;
  const shown = isShown ? name : word;
  // What is filled in stays as it is: a name may hold one of the other words.
  const parts = fix.split(word).map((part) => filled(part, Object.fromEntries(others), clean));
  return parts.join(shown);
}

/** The pipeline that a hit is of, and the step whose lines it is at. */
function ownerOf(artifact: Artifact, { source, span }: Location): { step?: Step; pipeline?: Pipeline } {
  const pipelines = artifact.kind === 'pipeline' ? [artifact] : artifact.kind === 'document' ? artifact.pipelines : [];
  const isIn = ({ at }: Pipeline): boolean =>
    at.source === source && startOf(at) <= span.start && span.start < at.span.end;
  const pipeline = pipelines.find(isIn) ?? pipelines[0];
  if (!pipeline) return {};
  const steps = stepsByPlace(pipeline);
  const last = steps[binarySearch(steps, (each) => startOf(each.at, each.nameAt) > span.start) - 1];
  return { pipeline, step: last && last.at.source === source && span.start < last.at.span.end ? last : undefined };
}

/** Where a thing begins; the name of a step may stand before the rest of it, as a key. */
function startOf(...places: readonly Location[]): number {
  return Math.min(...places.map(({ span }) => span.start));
}

const stepsByPlace = memoizePer((pipeline: Pipeline) =>
  allSteps(pipeline).toSorted((a, b) => startOf(a.at, a.nameAt) - startOf(b.at, b.nameAt)),
);

function settingsIn(artifact: Artifact, { of }: Hit, { settings }: Installation): Settings | undefined {
  if (artifact.kind === 'settings') return artifact;
  if (artifact.kind === 'container') return settingsOf(artifact);
  return of && settings.find(({ owner }) => owner === of.owner);
}
