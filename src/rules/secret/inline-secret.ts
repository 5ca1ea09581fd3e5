import { buildMaps, isOfDrone, purposeOf } from '../../analysis/purpose.ts';
import type { Variable } from '../../model/environment.ts';
import { rule, type Severity, say } from '../../model/rule.ts';
import type { Settings } from '../../model/settings.ts';
import type { Form, Location } from '../../model/source.ts';

const head = 'Take the value out of the file and refer to it; if git has ever tracked the file, replace the secret too';

const compose = `\`\`\`yaml compose
environment:
  - DRONE_RPC_SECRET=\${DRONE_RPC_SECRET:?set it in .env}
\`\`\``;

const kubernetes = `\`\`\`yaml kubernetes
env:
  - name: DRONE_RPC_SECRET
    valueFrom:
      secretKeyRef: { name: drone, key: DRONE_RPC_SECRET }
\`\`\``;

const helm = `\`\`\`yaml helm
extraSecretNamesForEnvFrom: [drone]
\`\`\``;

const systemd = `\`\`\`ini systemd
[Service]
EnvironmentFile=/etc/drone/secrets.env
\`\`\``;

const dockerRun = `\`\`\`sh docker-run
docker run --env-file secrets.env
\`\`\``;

const untrack = `\`\`\`sh
git rm --cached server.env
echo server.env >> .gitignore
\`\`\``;

const secretObject =
  'The Secret `drone` is made by `kubectl create secret generic drone --from-env-file=secrets.env`, from a file of mode 600 that git ignores, not in a manifest that git tracks.';

const keepsDatabaseSecret =
  'Never change `DRONE_DATABASE_SECRET` like this: with another value the server cannot read the secrets it has stored.';

export default rule({
  id: 'inline-secret',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'Secret stands in a deployment file',
  why: 'Files like these are copied, shown and committed, and a secret that was once in git history stays there. Drone reads no `*_FILE` variables, so the way out is a reference.',
  fix: [
    `${head}.`,
    compose,
    kubernetes,
    helm,
    systemd,
    dockerRun,
    `A file that holds the value has mode 600 and is ignored by git. ${secretObject} An env file that git tracks is taken out:`,
    untrack,
    `Keep a copy on the host: the next \`git pull\` there deletes the file. ${keepsDatabaseSecret}`,
  ].join('\n\n'),
  refs: [
    'https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/',
    'harness/drone cmd/drone-server/config/config.go:574-578',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-798'] },
  since: '0.1.0',
  effort: 'hours',
  *judge(settings) {
    if (!isOfDrone(settings)) return;
    for (const variable of settings.variables.values()) {
      const found = secretIn(variable);
      if (!found || !isInline(variable)) continue;
      const { source } = variable.at;
      const isTracked = source.tracked === true;
      yield {
        at: found.at,
        subject: variable.name,
        message: say`${found.what} is written out in this ${fileNames[source.form]}${isTracked ? say`, which git tracks` : ''}`,
        severity: severityOf(variable, settings),
        fix: fixFor(variable),
        fills: {
          DRONE_RPC_SECRET: variable.via ?? variable.name,
          'server.env': source.name,
        },
        related: variable.usedAt ? [{ at: variable.usedAt, message: say`used by ${settings.label}` }] : undefined,
      };
    }
  },
});

const fileNames: Readonly<Record<Form, string>> = {
  drone: 'pipeline',
  compose: 'compose file',
  env: 'env file',
  'docker-env': 'env file',
  systemd: 'unit',
  kubernetes: 'manifest',
  'helm-values': 'values file',
  'docker-run': 'script',
  'docker-inspect': 'inspection',
  'docker-service': 'inspection',
  'docker-engine': 'inspection',
  'docker-log': 'log',
  'docker-daemon': 'configuration',
  'drone-endpoint': 'answer',
  'drone-accounts': 'answer',
  'drone-repository': 'answer',
  'drone-organization-secrets': 'answer',
  'extension-probe': 'answer',
  starlark: 'program',
  jsonnet: 'program',
};

/** A secret that is not publicly known: the whole value, or its first secret part. Other rules report known ones. */
function secretIn(variable: Variable): { readonly what: string; readonly at: Location } | undefined {
  const { name, secret, parts, at } = variable;
  if (buildMaps.has(name)) return undefined;
  if (secret) return secret.kind === 'none' ? { what: name, at } : undefined;
  const part = parts?.find((each) => each.secret.kind === 'none');
  return part && { what: `the ${part.name} in ${name}`, at: part.at };
}

/** The fix in the form of the file that holds the value. */
function fixFor({ name, heldBy, at: { source } }: Variable): string | undefined {
  const parts = partsFor(source.form, heldBy);
  if (name === 'DRONE_DATABASE_SECRET') parts.push(keepsDatabaseSecret);
  return parts.length > 0 ? parts.join('\n\n') : undefined;
}

function partsFor(form: Form, heldBy: Variable['heldBy']): string[] {
  if (heldBy === 'env-file')
    return [
      'Take the file out of what git tracks, and replace the secrets in it:',
      untrack,
      'Keep a copy on the host: the next `git pull` there deletes the file. It has mode 600.',
    ];
  if (heldBy === 'secret-object')
    return [
      'Take the Secret out of the manifest, which git tracks, and replace its values. Make it on the cluster, from a file of mode 600 that git ignores:',
      '```sh\nkubectl create secret generic drone --from-env-file=secrets.env\n```',
    ];
  switch (form) {
    case 'compose':
      return [
        `${head}:`,
        compose,
        'Compose reads `.env` beside the compose file: give it mode 600, and name it in `.gitignore`.',
      ];
    case 'kubernetes':
      return [`${head}:`, kubernetes, secretObject];
    case 'helm-values':
      return [`${head}:`, helm, secretObject];
    case 'systemd':
      return [`${head}:`, systemd, 'That file has mode 600 and is not in git.'];
    case 'docker-run':
      return [`${head}:`, dockerRun, 'That file has mode 600, and git ignores it.'];
    default:
      return [];
  }
}

/** Whether it is written out in a deployment file; in an env file or a Secret only where git tracks it. */
function isInline({ origin, heldBy, at }: Variable): boolean {
  if (origin !== 'literal' && origin !== 'interpolated') return false;
  if (heldBy === 'env-file' || heldBy === 'secret-object') return at.source.tracked === true;
  // A variable of the script itself is written in it too.
  return heldBy === 'deployment' && (origin === 'literal' || at.source.form === 'docker-run');
}

function severityOf(variable: Variable, settings: Settings): Severity {
  const { tracked, form } = variable.at.source;
  const purpose = purposeOf(variable, settings.role);
  const opensDrone = (purpose !== undefined && purpose !== 'dashboard') || variable.name.endsWith('_TOKEN');
  if (tracked === true && opensDrone) return 'high';
  return tracked === false && form === 'compose' ? 'low' : 'medium';
}
