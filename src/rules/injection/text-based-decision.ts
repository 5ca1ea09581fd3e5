import { assetsOfStep, hasSecretsOrDeploys } from '../../analysis/step-assets.ts';
import { commandsOf } from '../../analysis/step-commands.ts';
import { hitsByStep, type StepHit } from '../../analysis/step-hits.ts';
import type { Pipeline, Script, Step } from '../../model/pipeline.ts';
import { alsoAt, type Hit, rule, say } from '../../model/rule.ts';
import { lineOf } from '../../model/source.ts';
import { type CommandWord, everyCommand, pipedFrom, programOf, type SimpleCommand } from '../../shell/commands.ts';
import { containsWords } from '../../shell/words.ts';

export default rule({
  id: 'text-based-decision',
  on: 'pipeline',
  severity: 'low',
  confidence: 'low',
  title: 'Decision rests on text an outsider writes',
  why: 'The author of a commit, its message and the title of a pull request are whatever their writer claims. Anyone who knows the right word, or the right name, gets what this step guards.',
  fix: 'Decide by what Drone itself knows, which is the event, the branch or the ref:\n\n```yaml conditions\nevent: [push]\nbranch: [main]\n```\n\nIn Starlark use `ctx.build.event`, in Jsonnet `std.extVar("build.event")`.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/conditions/',
    'drone/runner-go@d12a958 environ/environ.go:127-189',
    'harness/drone@3e7ecf1 plugin/converter/starlark/args.go:122-147',
    'harness/drone@3e7ecf1 plugin/converter/jsonnet/jsonnet.go:155-177',
  ],
  standards: { owasp: ['CICD-SEC-4'], cwe: ['CWE-290'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    if (pipeline.script) yield* decisionsOfScript(pipeline.script);
    yield* hitsByStep(pipeline, 'low', function* (step) {
      if (!containsWords(step, textWords)) return;
      const assets = assetsOfStep(pipeline, step, context);
      if (!assets || !hasSecretsOrDeploys(assets)) return;
      for (const { at, name } of decisionsOf(pipeline, step))
        yield {
          at,
          message: say`"${step.name}" ${assets.what}, and decides by "${name}"`,
          severity: assets.secrets.length > 0 ? 'medium' : undefined,
        };
    });
  },
});

/** One hit for each text that a program tests in its conditions: the worst, with the others as related places. */
function* decisionsOfScript({ decisions }: Script): Iterable<Hit> {
  for (const name of new Set(decisions.map((decision) => decision.name))) {
    const same = decisions.filter((decision) => decision.name === name);
    const worst = same.find(({ withSecrets }) => withSecrets) ?? same[0];
    if (!worst) continue;
    const byLine = new Map(same.map((decision) => [lineOf(decision.at), decision]));
    byLine.delete(lineOf(worst.at));
    yield {
      at: worst.at,
      subject: name,
      message: say`this condition tests "${name}"${worst.withSecrets ? say`, and decides about secrets` : ''}`,
      severity: worst.withSecrets ? 'medium' : undefined,
      related: [...byLine.values()].map(({ at, withSecrets }) =>
        alsoAt(at, say`so does this one`, {
          message: say`this condition tests "${name}"${withSecrets ? say`, and decides about secrets` : ''}`,
          severity: withSecrets ? 'medium' : 'low',
        }),
      ),
    };
  }
}

const texts = /\b(?:DRONE|CI)_(?:COMMIT_AUTHOR\w*|COMMIT_MESSAGE|PULL_REQUEST_TITLE)\b/;
const textWords = [
  ...['drone', 'ci'].flatMap((prefix) =>
    ['author', 'author_name', 'author_email', 'author_avatar', 'message'].map((name) => `${prefix}_commit_${name}`),
  ),
  'drone_pull_request_title',
  ['skip', 'ci'],
];
const skipWords = /\b(?:ci skip|skip ci)\b/i;

interface Decision extends Pick<StepHit, 'at'> {
  readonly name: string;
}

/** Tests of such a text: `[ … ]`, `[[ … ]]`, `case`, and what is piped to `grep`. */
function* decisionsOf(pipeline: Pipeline, step: Step): Iterable<Decision> {
  for (const { commands, otherWords } of commandsOf(pipeline, step)) {
    for (const word of otherWords) yield* textsIn(word);
    const every = everyCommand(commands);
    for (const [index, command] of every.entries()) {
      for (const word of command.innerWords ?? []) yield* textsIn(word);
      if (isTest(command) || pipedFrom(every, index).some(isTest))
        for (const word of command.words) yield* textsIn(word);
    }
  }
}

function isTest(command: SimpleCommand): boolean {
  return /^(?:\[|\[\[|test|grep|egrep|fgrep)$/.test(programOf(command)?.name ?? '');
}

function* textsIn({ parts, pattern, at }: CommandWord): Iterable<Decision> {
  for (const part of parts)
    if ((part.kind === 'variable' || part.kind === 'substituted') && texts.test(part.name))
      yield { at: part.at, name: part.name };
  if (skipWords.test(pattern)) yield { at, name: '[CI SKIP]' };
}
