import { dockerPlatforms, documentKinds, goPlatforms, pipelineTypes, platformAliases } from '../../facts/platforms.ts';
import { nearest } from '../../model/nearest.ts';
import { type Hit, type Location, rule, say } from '../../model/rule.ts';

export default rule({
  id: 'misspelt-target',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'No runner exists for this kind, type or platform',
  why: 'Drone compares these words exactly: a docker pipeline with an unknown platform fails, and any other pipeline stays pending, because no runner matches. Whatever depends on it never runs, checks included.',
  fix: 'Use the spelling that the message suggests, such as `arch: amd64`. If runners of your own serve this type, list it:\n\n```yaml\n# drone-audit.yml\nsite:\n  pipelineTypes: [your-type]\n```',
  refs: [
    'https://docs.drone.io/pipeline/docker/syntax/platform/',
    'drone/drone-yaml yaml/linter/linter.go:24-35',
    'harness/drone trigger/trigger.go:406-414',
  ],
  standards: { owasp: ['CICD-SEC-1'] },
  since: '0.1.0',
  *judge(pipeline, { site }) {
    const { documentKind, type, typeAt, os, arch } = pipeline;
    if (!documentKinds.includes(documentKind.value)) {
      yield hit('kind', documentKind.value, documentKind.at, documentKinds, 'it becomes a stage that no runner takes');
      return;
    }
    const types = [...pipelineTypes, ...site.pipelineTypes];
    if (typeAt && type !== '' && !types.includes(type))
      yield hit('type', type, typeAt, types, 'no runner of this type exists, so the build stays pending');
    const isDocker = type === '' || type === 'docker';
    const known = isDocker ? dockerPlatforms : goPlatforms;
    const effect = isDocker ? 'the server refuses the build' : 'no runner has it, so the build stays pending';
    for (const [name, { value, at }] of [
      ['os', os],
      ['arch', arch],
    ] as const)
      if (value !== '' && !known[name].includes(value)) yield hit(name, value, at, known[name], effect);
  },
});

function hit(name: string, value: string, at: Location, known: readonly string[], effect: string): Hit {
  const lower = value.toLowerCase();
  const alias = known.includes(lower) ? lower : platformAliases.get(lower);
  const meant = alias !== undefined && known.includes(alias) ? alias : nearest(lower, known);
  return {
    at,
    subject: name,
    fills: { 'your-type': name === 'type' && meant === undefined ? value : '' },
    message: say`${name} "${value}" does not exist: ${effect}${meant === undefined ? '' : say` (did you mean "${meant}"?)`}`,
  };
}
