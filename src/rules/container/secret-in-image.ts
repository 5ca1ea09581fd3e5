import { type Container, describeImage } from '../../model/container.ts';
import type { Variable } from '../../model/environment.ts';
import { groupedBy } from '../../model/groups.ts';
import type { Installation } from '../../model/installation.ts';
import { memoizePer } from '../../model/memoize.ts';
import { alsoAt, rule, say, type Text } from '../../model/rule.ts';
import { judgedForms } from '../../secrets/spans.ts';

export default rule({
  id: 'secret-in-image',
  on: 'container',
  severity: 'medium',
  confidence: 'medium',
  title: 'Image contains a secret',
  why: 'Everyone who can pull the image has the secret, in every registry and cache that it went through. Older layers and tags keep it after it has been taken out.',
  fix: `Take \`ENV NAME\` out of the Dockerfile, build the image again, and give the variable to the container when it starts. What a build of the image needs, it gets without leaving it in a layer:

\`\`\`sh
docker build --secret id=token,src=token.txt .
\`\`\`

Replace the secret, and delete the old tags of the image.`,
  refs: [
    'https://docs.docker.com/build/building/secrets/',
    'https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/',
  ],
  standards: {
    owasp: ['CICD-SEC-6'],
    cisDocker: { version: '1.6.0', ids: ['4.10'] },
    cwe: ['CWE-798'],
  },
  since: '0.1.0',
  *judge(container, { installation }) {
    const { imageEnvironment } = container;
    if (!imageEnvironment) return;
    const same = byImage(installation).get(imageKey(container)) ?? [];
    // An image is told once, however many containers have it.
    if (same[0] !== container) return;
    for (const variable of imageEnvironment.variables.values()) {
      const what = secretIn(variable);
      if (!what) continue;
      yield {
        at: variable.at,
        subject: `image variable ${variable.name}`,
        fills: { NAME: variable.name },
        message: say`${describeImage(container)} contains ${what}`,
        related: same.slice(1).map((other) =>
          alsoAt(other.at, say`${other.label} has this image too`, {
            message: say`${describeImage(other)} contains ${what}`,
            label: other.label,
            follows: true,
          }),
        ),
      };
    }
  },
});

const byImage = memoizePer(
  ({ containers }: Installation): ReadonlyMap<string, readonly Container[]> =>
    groupedBy(
      containers.filter(({ imageEnvironment }) => imageEnvironment !== undefined),
      imageKey,
    ),
);

function imageKey({ observed, image, imageText, owner }: Container): string {
  return observed?.imageId ?? image?.value.text ?? imageText?.value ?? owner;
}

/** Not a secret, whatever the name of the variable: a switch, a number, a path. */
const plainValue = /^(?:true|false|yes|no|on|off|none|null|\d{1,6}|\.{0,2}\/[\w./-]*)$/i;

/** The key that packages are signed with, by its fingerprint, as official images name it: `GPG_KEY`, `RABBITMQ_PGP_KEY_ID`. */
const publicKey = /(?:^|_)(?:GPG|PGP)_?KEYS?(?:_IDS?)?$/;

/** What a variable of an image gives away, for messages. */
function secretIn({ name, value, origin, secret, parts = [] }: Variable): Text | undefined {
  if (origin !== 'literal' || publicKey.test(name)) return undefined;
  const form = secret?.form ?? (value === undefined ? undefined : judgedForms(value)[0]?.form.as);
  if (form !== undefined) return say`${form} in ${name}`;
  const isTold = secret && secret.length > 0 && secret.kind !== 'placeholder' && !plainValue.test(value ?? '');
  if (isTold) return say`the secret ${name}`;
  const part = parts.find((each) => each.secret.length > 0 && each.secret.kind !== 'placeholder');
  return part && say`the ${part.name} in ${name}`;
}
