import { linesSaying, timesOf } from '../../analysis/log-lines.ts';
import type { LogLine } from '../../model/engine.ts';
import { groupedBy } from '../../model/groups.ts';
import { alsoAt, rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'refused-attempts',
  on: 'container',
  severity: 'info',
  confidence: 'high',
  title: 'Log shows refused attempts',
  why: 'A protection worked, and somebody had tried. Once is a mistake; again and again for one repository or account deserves a look. That nothing is logged proves nothing: Drone never logs failures of RPC, and those of webhooks and extensions only at debug level.',
  fix: `Look at the builds and accounts that are named: who wrote the pipeline, what did it ask for, and did it ask again in another way?

\`\`\`sh
drone build info octocat/hello-world 42
\`\`\`

If a repository needs what it was refused, an administrator can trust it. All of its builds may do anything on the runner's host then.`,
  refs: [
    'drone/runner-go d12a958 pipeline/runtime/runner.go:194-235',
    'drone-runners/drone-runner-docker 9ea626a engine/linter/linter.go',
    'harness/drone 3e7ecf161 handler/web/login.go:97-101',
  ],
  standards: { owasp: ['CICD-SEC-10'] },
  since: '0.1.0',
  *judge(container) {
    const lines = linesSaying(container, refusals);
    for (const [refusal, told] of groupedBy(lines, (line) => keyOf(line) ?? '')) {
      const [first, ...others] = told;
      if (!first || refusal === '') continue;
      const toldOf = (line: LogLine, lines: readonly LogLine[]) => {
        const [slug = '', number = ''] = buildOf(line)?.split(' ') ?? [];
        return {
          message: say`${container.label} refused ${whatOf(line)} ${timesOf(lines)}${subjectsOf(lines)}`,
          fills: { 'octocat/hello-world': slug, '42': number },
        };
      };
      yield {
        at: first.message.at,
        subject: refusal,
        ...toldOf(first, told),
        related: others.map((line) =>
          alsoAt(line.message.at, say`${subjectOf(line) ?? say`another one`}, ${timesOf([line])}`, {
            ...toldOf(line, [line]),
            follows: true,
          }),
        ),
      };
    }
  },
});

const refusals: ReadonlySet<string> = new Set([
  'cannot accept configuration',
  'cannot process stage, access denied',
  'cannot admit user',
  'User registration is disabled',
  'Cannot verify user authenticity',
]);

/** Why something was refused; undefined for a configuration that merely has an error. */
function keyOf({ message, fields }: LogLine): string | undefined {
  const error = fields.get('error')?.value;
  return message.value === 'cannot accept configuration' ? error : (error ?? message.value);
}

function whatOf(line: LogLine): Text {
  const key = keyOf(line) ?? '';
  const wish = /^linter: untrusted repositories cannot (.*)$/.exec(key)?.[1];
  if (wish !== undefined) return say`a repository without trust that asked to ${wish}`;
  if (line.message.value === 'cannot process stage, access denied') return say`builds outside its limits`;
  return key === 'cannot admit user' ? say`a sign-in` : say`a sign-in ("${key}")`;
}

function buildOf({ fields }: LogLine): string | undefined {
  const [namespace, name, number] = ['repo.namespace', 'repo.name', 'build.number'].map(
    (key) => fields.get(key)?.value,
  );
  return namespace === undefined || name === undefined || number === undefined
    ? undefined
    : `${namespace}/${name} ${number}`;
}

/** The build or account that was refused. */
function subjectOf(line: LogLine): Text | undefined {
  const [slug, number] = buildOf(line)?.split(' ') ?? [];
  if (slug !== undefined && number !== undefined) return say`build ${number} of "${slug}"`;
  const login = line.fields.get('login')?.value;
  return login === undefined ? undefined : say`"${login}"`;
}

/** The first of them, and how many there are besides. */
function subjectsOf(lines: readonly LogLine[]): Text {
  const [first] = lines;
  const subject = first && subjectOf(first);
  if (!subject) return say``;
  return lines.length === 1 ? say`: ${subject}` : say`: ${subject} and ${lines.length - 1} more`;
}
