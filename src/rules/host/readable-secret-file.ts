import type { Variable } from '../../model/environment.ts';
import { addTo } from '../../model/groups.ts';
import { alsoAt, rule, say } from '../../model/rule.ts';
import type { Form, Source } from '../../model/source.ts';
import { isTemplateFile } from '../../secrets/weakness.ts';

const ofAFile = `Take away the access of other accounts:

\`\`\`sh
chmod o-rwx FILE
\`\`\`

Compose, systemd and \`docker run\` read it as the user who starts them. A program that reads it by itself, as the exec runner does, needs to be in its group (\`chgrp\`, mode 640). If others have had an account on the machine, rotate the secrets.`;

export default rule({
  id: 'readable-secret-file',
  on: 'settings',
  severity: 'medium',
  confidence: 'high',
  title: 'File with secrets is readable by everyone',
  why: 'Every account of the machine, every process that runs there and every container that shares the directory can read this file. If it holds the RPC secret, they can get all secrets of all repositories.',
  fix: `Take away the access of other accounts:

\`\`\`sh
chmod o-rwx FILE
\`\`\`

Compose, systemd and \`docker run\` read it as the user who starts them. Of a unit that is not enough: \`systemctl show\` tells everyone what stands in \`Environment=\`. Move the secrets to a file with mode 600, and \`systemctl daemon-reload\`:

\`\`\`ini systemd
EnvironmentFile=/etc/drone/secrets.env
\`\`\`

If others have had an account on the machine, rotate the secrets.`,
  refs: [
    'https://docs.drone.io/server/reference/drone-rpc-secret/',
    'https://docs.docker.com/compose/how-tos/environment-variables/set-environment-variables/',
    'https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html',
  ],
  standards: { owasp: ['CICD-SEC-6'], cwe: ['CWE-732'] },
  since: '0.1.0',
  *judge({ variables }) {
    const byFile = new Map<Source, Variable[]>();
    for (const variable of variables.values()) {
      if (!holdsSecret(variable)) continue;
      const { source } = variable.at;
      addTo(byFile, source, variable);
    }
    for (const [source, secrets] of byFile) {
      if (!isReadable(source)) continue;
      yield {
        at: { source, path: '', span: { start: 0, end: 0 } },
        subject: `file ${source.name}`,
        fix: source.form === 'systemd' ? undefined : ofAFile,
        fills: { FILE: source.name },
        message: say`"${source.name}" holds secrets and is readable by every user (mode ${(source.mode ?? 0).toString(8)})`,
        related: secrets.map(({ name, at }) => alsoAt(at, say`the value of ${name}`, { follows: true })),
      };
    }
  },
});

const files: ReadonlySet<Form> = new Set(['env', 'docker-env', 'compose', 'systemd', 'docker-run']);

/** A git checkout has no modes of its own, and others have what is in it anyway. */
function isReadable({ mode, tracked, form, name }: Source): boolean {
  return mode !== undefined && (mode & 0o004) !== 0 && tracked !== true && files.has(form) && !isTemplateFile(name);
}

/** Whether the variable holds a secret written right there: not a fallback, and not a text that anyone would guess. */
function holdsSecret({ secret, parts, origin }: Variable): boolean {
  if (origin !== 'literal' && origin !== 'interpolated') return false;
  const all = [...(secret ? [secret] : []), ...(parts ?? []).map((part) => part.secret)];
  return all.some(({ length, kind }) => length > 0 && kind === 'none');
}
