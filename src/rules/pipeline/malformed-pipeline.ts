import { actionsOfDrone } from '../../drone/template-text.ts';
import type { PipelineStream } from '../../model/pipeline.ts';
import { ownWords, rule, say, type Text } from '../../model/rule.ts';
import { textKey } from '../../model/text.ts';

export default rule({
  id: 'malformed-pipeline',
  on: 'document',
  severity: 'medium',
  confidence: 'high',
  title: 'Drone will refuse this file',
  why: 'The build fails before any step runs, so the checks in this file never run. The server refuses the whole file; a runner refuses only the one pipeline, after the others have started.',
  fix: 'Correct the line; the message is Drone\'s own. Common causes:\n\n```yaml step\ncommands: [make]     # a list, even of one\nprivileged: false    # not "false", not 0\nenvironment:\n  NAME: value        # a mapping, not a list\n```\n\n`depends_on` names what is declared further up.',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/',
    'drone/drone-yaml yaml/linter/config.go:35-59',
    'drone-runners/drone-runner-docker engine/linter/linter.go:60-180',
    'drone-runners/drone-runner-kube engine/linter/linter.go',
  ],
  standards: { owasp: ['CICD-SEC-1'], cwe: ['CWE-20'] },
  since: '0.1.0',
  *judge(stream) {
    // What a template is filled in with decides whether the result is a pipeline.
    if (actionsOfDrone(stream).length > 0) return;
    for (const refusal of stream.refusals) {
      const { message, at, by } = refusal;
      if (isToldByOthers(refusal)) continue;
      yield {
        at,
        subject: at.path,
        message: say`the ${ownWords(by)} refuses this ${by === 'server' ? say`file` : say`pipeline`}: ${explained(refusal, stream.legacy)}`,
        severity: isAboutNames(message) ? 'low' : undefined,
        fix: fixFor(refusal, stream.legacy),
      };
    }
  },
});

type Refusal = PipelineStream['refusals'][number];

/** Platforms belong to `misspelt-target`, empty documents to `lost-document`. */
function isToldByOthers({ message, at }: Refusal): boolean {
  return /^linter: unsupported (?:os|architecture)/.test(`${message}`) || isEmptyDocument({ message, at });
}

/** Whether a refusal is about a document that is empty or holds only comments. */
export function isEmptyDocument({ message, at }: Pick<Refusal, 'message' | 'at'>): boolean {
  return `${message}` === 'yaml: missing kind attribute' && at.path.startsWith('document[');
}

function isAboutNames(message: Text): boolean {
  return /(?:step|pipeline) names?\b|step name cannot|dependency/.test(`${message}`);
}

/** What is to do about a refusal: by its words, and by the key that it is about. */
interface Remedy {
  readonly says: RegExp;
  readonly at?: RegExp;
  readonly fix: string;
  /** What the current format has; the old one is written in another way. */
  readonly block?: string;
}

const step = (lines: string): string => `\`\`\`yaml step\n${lines}\n\`\`\``;

const remedies: readonly Remedy[] = [
  {
    says: /!!str into \[\]/,
    at: /\.commands$/,
    fix: 'Write a list, even of one command:',
    block: step('commands: [make]'),
  },
  { says: /into \[\]/, fix: 'Write a list, even of one item: `[item]`.' },
  {
    says: /!!map into string/,
    at: /\.commands\[/,
    fix: 'Put the command in quotes, because a colon with a blank behind it makes a mapping of it:',
    block: step(`commands:\n  - 'echo "status: done"'`),
  },
  { says: /!!map into string|invalid map key/, fix: 'Write a text; one that holds `{` or `: ` needs quotes.' },
  { says: /into bool/, fix: 'Write `true` or `false`, without quotes.' },
  {
    says: /!!seq into map/,
    at: /\.environment$/,
    fix: 'Write a mapping, not a list:',
    block: step('environment:\n  NAME: value'),
  },
  { says: /into (?:map|yaml\.)/, fix: 'Write a mapping: `key: value`.' },
  {
    says: /missing image/,
    fix: 'Name the image that the step runs in:',
    block: step('image: registry.example.com/tools:1.4.2@sha256:...'),
  },
  {
    says: /define images for an exec/i,
    fix: 'Remove `image`, because an exec pipeline runs its commands on the host; or write `type: docker`.',
  },
  { says: /dependency on itself|cyclical/, fix: 'Remove this dependency, so that something can begin.' },
  {
    says: /pipeline dependency/,
    fix: 'Name a pipeline that is declared further up in this file, or remove the dependency.',
  },
  {
    says: /step dependency/,
    fix: 'Name a step that is declared further up in this pipeline, or remove the dependency.',
  },
  { says: /duplicate/, fix: 'Give each a name of its own.' },
  { says: /missing step name/, fix: 'Give the step a name: `name: build`.' },
  { says: /exceed 100 characters/, fix: 'Shorten the name; what it explains can be a comment.' },
  {
    says: /invalid volume name/,
    fix: 'Choose another name, both under `volumes` and where steps mount it: `workspace` and names such as `_workspace` and `_docker_socket` are those of the runner.',
  },
  { says: /missing volume name/, fix: 'Give the volume a name and a path: `name:/path` in the old format.' },
  { says: /\/run\/drone/, fix: 'Mount the volume at another path.' },
  { says: /nil step|nil pointer/, fix: 'Remove the empty item.' },
  {
    says: /missing server /,
    fix: 'Give `server` a `host`, a `user`, and a `password` or `ssh_key` from a secret.',
  },
  { says: /API token/, fix: 'Give the pipeline the `token` of the provider, from a secret.' },
  { says: /stage level/, fix: 'Move the limit into the steps.' },
];

const currentFormat = `Write the file in the current format:

\`\`\`yaml current
kind: pipeline
type: docker
name: default
trigger:
  event: [push]
  branch: [main]
steps:
  - name: build
    image: registry.example.com/tools:1.4.2@sha256:...
    commands: [make]
\`\`\``;

function fixFor({ message, at }: Refusal, legacy: boolean): string {
  // Of messages with names, only our own words are compared.
  const own = /dependency|volume name/.test(`${message}`) ? `${message}` : textKey(message);
  if (legacy && own === 'yaml: missing kind attribute') return currentFormat;
  if (legacy && /\.(?:pipeline|services|clone)$/.test(at.path) && own.startsWith('linter:'))
    return 'Make `pipeline` a mapping, with the name of each step as its key, or write the file in the current format.';
  if (own === 'yaml: missing kind attribute') return 'Say what the document is, in its first line: `kind: pipeline`.';
  const remedy = remedies.find((each) => each.says.test(own) && (each.at?.test(at.path) ?? true));
  if (!remedy) return "Correct the line; the message is Drone's own.";
  return remedy.block === undefined || legacy ? remedy.fix.replace(/:$/, '.') : `${remedy.fix}\n\n${remedy.block}`;
}

function explained({ message, at }: Refusal, legacy: boolean): Text {
  const own = `${message}`;
  if (own === 'yaml: invalid map key')
    return say`${message}; a mapping or a list cannot be a key, and text with "{{" needs quotes`;
  if (legacy && /\.(?:pipeline|services|clone)$/.test(at.path) && own.startsWith('linter:'))
    return say`${message}; a list makes steps without name and image, use a mapping by name`;
  if (own.startsWith('runtime error')) return say`it does not expect an empty item (${message})`;
  if (own === 'yaml: missing kind attribute' && legacy) return say`${message}; this is a format older than 0.8`;
  return message;
}
