import { actionsOfDrone, type TemplateAction } from '../../drone/template-text.ts';
import { allSteps } from '../../model/pipeline.ts';
import { alsoAt, type Location, rule, say, type Text } from '../../model/rule.ts';

export default rule({
  id: 'unescaped-template-text',
  on: 'document',
  severity: 'high',
  confidence: 'high',
  title: 'Template pastes text into YAML without quoting',
  why: "A YAML template is filled in as text: a quote or line break in a title, a message or an input becomes part of the file's structure, as new keys, steps and commands. They run with the trust and the secrets of every repository that loads the template.",
  fix: 'Quote what is filled in, as in `TITLE: {{ .build.title | jsonEncode }}`, or use a Starlark or Jsonnet template, where a value cannot break out.',
  refs: [
    'https://docs.drone.io/template/yaml/',
    'harness/drone@3e7ecf1 plugin/converter/template.go:97-115',
    'drone/funcmap funcmap.go:64-112',
  ],
  standards: { owasp: ['CICD-SEC-4'], cwe: ['CWE-94'] },
  since: '0.1.0',
  *judge(stream) {
    const actions = actionsOfDrone(stream);
    const open = actions.filter(({ text }) => !quoted.test(text));
    const place = ({ start, end }: Pick<TemplateAction, 'start' | 'end'>): Location => ({
      source: stream.source,
      path: 'template',
      span: { start, end },
    });
    const foreign = open.filter(({ text }) => outsiderText.test(text));
    const inputs = open.filter(({ text, key }) => !outsiderText.test(text) && input.test(text) && codeKeys.has(key));
    const [worst, ...others] = [...foreign, ...inputs];
    const messageOf = (action: TemplateAction): Text =>
      say`"${fieldOf(action)}" is pasted ${action.key === '' ? say`here` : say`into "${action.key}"`} as it is: ${foreign.includes(action) ? say`outsiders write this text` : say`whoever loads the template writes this text`}`;
    if (worst)
      yield {
        at: place(worst),
        subject: 'text',
        message: messageOf(worst),
        severity: foreign.length > 0 ? undefined : 'medium',
        related: others.map((other) =>
          alsoAt(place(other), say`"${fieldOf(other)}" too`, {
            message: messageOf(other),
            severity: foreign.includes(other) ? 'high' : 'medium',
          }),
        ),
      };
    if (actions.length === 0) return;
    for (const pipeline of stream.pipelines)
      for (const { privileged, name } of allSteps(pipeline))
        if (privileged?.value)
          yield {
            at: privileged.at,
            subject: privileged.at.path,
            message: say`this template runs "${name}" privileged for every repository that loads it`,
          };
  },
});

/** Keys whose value decides what runs. */
const codeKeys: ReadonlySet<string> = new Set(['commands', 'command', 'entrypoint', 'image', 'privileged']);
const outsiderText = /(?:^|[\s(|])\.build\.(?:message|title|source|author_\w+)\b/;
const input = /(?:^|[\s(|])\.input\.\w/;
/**
 * Functions of drone/funcmap funcmap.go:64-112 (SafeFuncs) and of Go whose result stays one value. `toJson` and `quote`,
 * which other tools have, do not exist there: the template is refused, and nothing is pasted.
 */
const quoting = '(?:jsonify|jsonEncode|yamlEncode|base64Encode|md5|sha1|sha256|urlquery|toJson|quote|printf\\s+"%q")';
/** Values passed through such a function, and control structures, which paste nothing. */
const quoted = new RegExp(
  `\\|\\s*${quoting}\\s*(?:$|\\|)|^${quoting}\\s|^(?:if|else|range|with|end|define|template|block|/\\*)\\b`,
);

/** `.build.title`, without the functions applied to it. */
function fieldOf({ text }: TemplateAction): string {
  return /\.(?:build|input)\.\w+/.exec(text)?.[0] ?? '.input';
}
