import { secretsOf } from '../../analysis/step-assets.ts';
import { sharedHits } from '../../analysis/step-hits.ts';
import { hasPrivilege } from '../../analysis/step-privilege.ts';
import { hasConfigExtension, repositoryOf } from '../../drone/server-repository.ts';
import type { Installation } from '../../model/installation.ts';
import { allSteps, type Pipeline, type Step, type Substitution } from '../../model/pipeline.ts';
import { type Context, type Hit, rule, type Severity, say } from '../../model/rule.ts';
import { eventsOf, hitOf, isOutsiderText, namesOf, placeOf, substitutionsByStep } from './_substitutions.ts';

export default rule({
  id: 'outsider-text-substitution',
  on: 'pipeline',
  severity: 'high',
  confidence: 'high',
  title: 'Text from outsiders is pasted into the file',
  why: 'Drone replaces `${...}` in the whole text of the file, comments included, before it parses any YAML. A title or message can close the quotes around it, add a command, or start a new line with keys of its own. This also holds for builds of merged work and for signed files.',
  fix: 'Let the shell expand the variable; without braces Drone leaves it alone:\n\n```yaml step\ncommands:\n  - ./announce.sh "$DRONE_COMMIT_MESSAGE"\n```\n\nIn comments, leave the variable out. Plugins get the variables in their environment: many accept `{{commit.message}}` and the like in their templates.',
  refs: [
    'https://docs.drone.io/pipeline/environment/substitution/',
    'drone/runner-go@d12a958 pipeline/runtime/runner.go:166-213',
    'drone/runner-go@d12a958 environ/environ.go:127-189',
  ],
  standards: { owasp: ['CICD-SEC-4'], cwe: ['CWE-78', 'CWE-94'] },
  since: '0.1.0',
  effort: 'minutes',
  *judge(pipeline, context) {
    const hits: { readonly step: Step | undefined; readonly hit: Hit }[] = [];
    for (const [step, all] of substitutionsByStep(pipeline)) {
      const found = all.filter(isOutsiderText);
      if (found.length === 0) continue;
      const severityOf = severitiesNear(pipeline, step, context);
      const hit = hitOf(pipeline, step, found, (some) => ({
        message: say`${namesOf(some, 'is', 'are')} pasted into ${placeOf(step, some)}: outsiders write this text`,
        severity: severityOf(some),
        fills: { DRONE_COMMIT_MESSAGE: some[0].name },
      }));
      if (hit) hits.push({ step, hit });
    }
    yield* sharedHits(hits, 'high');
  },
});

/** How severe it is to paste such texts into a step, or beside all steps. */
function severitiesNear(
  pipeline: Pipeline,
  step: Step | undefined,
  context: Context,
): (found: readonly Substitution[]) => Severity {
  const near = step ? [step] : allSteps(pipeline);
  const hasSecrets = near.some((each) => secretsOf(pipeline, each).length > 0);
  const isPrivileged = near.some((each) => hasPrivilege(pipeline, each, context));
  const isCritical = (hasSecrets || isPrivileged) && isPinned(pipeline, context.installation);
  return (found) => {
    if (isCritical) return 'critical';
    const isOpen = found.some((each) => eventsOf(each).has('pull_request'));
    return isOpen || hasSecrets ? 'high' : 'medium';
  };
}

/**
 * Whether the author of a pull request cannot change the file: it is protected, or does not come from the repository. A signature
 * is compared in protected repositories only; where no server was asked, it is why there is one.
 */
function isPinned({ stream }: Pipeline, installation: Installation): boolean {
  const repository = repositoryOf(stream, installation);
  return (repository?.protected.value ?? stream.signatures.length > 0) || hasConfigExtension(installation);
}
