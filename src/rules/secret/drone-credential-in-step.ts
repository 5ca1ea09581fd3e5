import { releaseToPullRequests } from '../../analysis/secret-release.ts';
import { imageName } from '../../drone/deployment.ts';
import { secretsOfStep } from '../../drone/secret-use.ts';
import { allSteps, type Reach, type StepValue, subjectOf } from '../../model/pipeline.ts';
import { alsoAt, type Hit, type Location, rule, type Severity, say, type Text } from '../../model/rule.ts';

const kept = `, and keep the step off them:

\`\`\`yaml conditions
event: [push, tag]
\`\`\`

A tag has no branch: beside \`branch\`, write \`event: push\``;

const fix = `Give the step the token of a bot: an ordinary account of the SCM that is a member of the target repositories only, and has signed in to Drone once. A machine account (\`drone user add --machine\`) is no substitute: unless it is an administrator, it can start no build of any repository.

Store the token as a secret that pull requests do not get${kept}. Then accept what remains with \`# drone-audit: ignore[drone-credential-in-step] a bot that reaches octocat/app only\`.

Take secrets of the server out of pipelines altogether, and replace those that were there.`;

/** Where no pull request gets to the step. */
const ofClosed = fix.replace(kept, '');

export default rule({
  id: 'drone-credential-in-step',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: 'Step holds a credential of Drone',
  why: 'A Drone token can do whatever its user can, in every repository they can reach: start and promote builds, add secrets, change settings. A secret of the server opens everything: the RPC secret is enough to fetch the secrets of all builds.',
  fix,
  refs: [
    'https://docs.drone.io/server/user/machine/',
    'harness/drone handler/api/acl/check.go CheckAccess',
    'harness/drone handler/web/login.go:134',
    'harness/drone operator/manager/rpc2/server.go:45-58',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-522'] },
  since: '0.1.0',
  *judge(pipeline, context) {
    for (const step of allSteps(pipeline)) {
      const kept = secretsOfStep(pipeline, step).filter(
        (use) => releaseToPullRequests(use, pipeline, context) === 'never',
      );
      const names = new Set(kept.map(({ name }) => name));
      const values = [...step.environment, ...step.settings];
      const found = values.flatMap((value) => credentialOf(value, imageName(step), names));
      yield* hitsOf(found, `"${step.name}"`, subjectOf(step), step.reach);
    }
    const forAll = pipeline.environment.flatMap((value) => credentialOf(value, undefined, new Set()));
    yield* hitsOf(forAll, 'every step', 'environment', pipeline.reach);
  },
});

interface Credential {
  readonly name: string;
  readonly at: Location;
  readonly opens: 'server' | 'account';
  /** Known to be withheld from pull requests. */
  readonly isKept: boolean;
}

function* hitsOf(found: readonly Credential[], owner: string, subject: string, reach: Reach): Iterable<Hit> {
  const [first, ...others] = [...found].sort(
    (a, b) => Number(b.opens === 'server') - Number(a.opens === 'server') || Number(a.isKept) - Number(b.isKept),
  );
  if (!first) return;
  const alone = ({ name, opens, isKept }: Credential): { message: Text; severity: Severity } => ({
    message: say`${owner} is given ${name}, ${opens === 'server' ? say`a secret of the Drone server` : say`a Drone token`}`,
    severity: opens === 'server' ? 'critical' : reach.pullRequest && !isKept ? 'high' : 'medium',
  });
  yield {
    at: first.at,
    subject,
    ...alone(first),
    reach,
    ...(reach.pullRequest ? {} : { fix: ofClosed }),
    related: others.map((other) => alsoAt(other.at, say`${other.name}`, alone(other))),
  };
}

const serverSecret = /^DRONE_(?:RPC_SECRET|[A-Z]+_CLIENT_SECRET|DATABASE_SECRET|DATABASE_DATASOURCE|COOKIE_SECRET)$/;

/** A variable or setting that is named like a credential and is not empty. */
function credentialOf(value: StepValue, image: string | undefined, kept: ReadonlySet<string>): readonly Credential[] {
  const { name, text, fromSecret, scalars } = value;
  if (!fromSecret && (text?.value ?? scalars[0]?.value ?? '') === '') return [];
  const isKept = fromSecret !== undefined && kept.has(fromSecret.value);
  const plain = name.value.toUpperCase().replace(/^PLUGIN_/, '');
  if (serverSecret.test(plain)) return [{ name: plain, at: name.at, opens: 'server', isKept }];
  const isToken = plain === 'DRONE_TOKEN' || plain === 'DRONE_SERVER_TOKEN';
  const isOfPlugin =
    (plain === 'TOKEN' || plain === 'DOWNSTREAM_TOKEN') && image !== undefined && callsDrone.test(image);
  return isToken || isOfPlugin
    ? [{ name: isToken ? plain : `"${name.value}"`, at: name.at, opens: 'account', isKept }]
    : [];
}

/** Plugins that talk to a Drone server, with a setting `token` or its variable (drone-plugins/drone-downstream main.go:91). */
const callsDrone = /(?:^|\/)(?:plugins\/downstream|drone-downstream|drone-trigger|drone\/cli)$/;
