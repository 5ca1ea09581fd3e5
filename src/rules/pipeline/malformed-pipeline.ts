import type { PipelineStream } from '../../model/pipeline.ts';
import { ownWords, rule, say, type Text } from '../../model/rule.ts';

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
    for (const refusal of stream.refusals) {
      const { message, at, by } = refusal;
      if (isToldByOthers(refusal)) continue;
      yield {
        at,
        subject: at.path,
        message: say`the ${ownWords(by)} refuses this ${by === 'server' ? say`file` : say`pipeline`}: ${explained(refusal, stream.legacy)}`,
        severity: isAboutNames(message) ? 'low' : undefined,
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
