// node scripts/regular-expressions.js [/LITERAL/…] : fails for each regular expression of src, or each given one, that may
// take more than linear time.
//
// Twice: scslre finds quantifiers that can trade characters with each other, or that begin anew at each character; and
// each expression is tried on texts made of its own pieces, which also shows what needs whole words between them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRegExpLiteral } from '@eslint-community/regexpp';
import scslre from 'scslre';
import ts from 'typescript';

/** What is found all the same, and why it may stay: its file, what it looks like, what bounds it. All must be found. */
const exceptions = [
  ['analysis/same-host.ts', String.raw`/^\s*([\w.-]{1,200})\s*(==|!=)\s*(\S.*?)\s*$/`, '500 characters'],
  ['checks/engine-address.ts', String.raw`/\/\/.*@|^[^/]*@/s`, "the address of the user's own engine"],
  ['checks/git-index.ts', String.raw`/^gitdir: ([^\r\n]+)\s*$/`, 'a file of at most the length of a path'],
  ['drone/conditions.ts', String.raw`/\{([^{},]*)[^{}]*\}/g`, 'maxSampleLength'],
  ['drone/conditions.ts', String.raw`/\[\^?([^\]\\])[^\]]*\]/g`, 'maxSampleLength'],
  [
    'facts/documented-secrets.ts',
    '/^(?:.*[_-])?(?:change|replace)[_-]?(?:me|this|it)(?:[_-].*)?$/i',
    'maxPlaceholderLength',
  ],
  ['facts/go-values.ts', String.raw`/(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y`, '256 characters'],
  ['model/prose.ts', String.raw`/\[([^\]\n]*)\]\(([^)\s]*)\)/g`, 'texts of our own rules'],
  ['facts/deployment.ts', String.raw`/^aws\s(?:.*\s)?s3\s+sync\s.*\ss3:/`, 'maxCommandLength'],
  ['readers/docker/script.ts', String.raw`/\.(?:md|markdown|mdx)(?:[@~.].*)?$/i`, 'the name of a file'],
  [
    'readers/file-names.ts',
    String.raw`/(?:\.(?:ya?ml|json|env|sh|bash|md|markdown|service|conf|star|starlark|jsonnet)|^\.?env)(?:[-.@~].*)?$/i`,
    'the name of a file',
  ],
  ['readers/file-names.ts', String.raw`/^(?:docker-)?compose(?:[-.][\w-]+)*\.ya?ml$/i`, 'the name of a file'],
  ['readers/file-names.ts', String.raw`/\.(?:md|markdown|mdx)(?:[@~.].*)?$/i`, 'the name of a file'],
  ['readers/file-names.ts', String.raw`/(?:^|[/.])env(?:[-.@~][^/]*)?$|\.env(?:[-.@~][^/]*)?$/i`, 'the name of a file'],
  ['facts/unread-forms.ts', String.raw`/\.(?:ya?ml|json)(?:[-.@~].*)?$/i`, 'the path of a file'],
  [
    'facts/unread-forms.ts',
    String.raw`/(?:^|\/)(?:roles\/[^/]+|playbooks?)\/.*\.(?:ya?ml|j2)$|(?:^|\/)(?:tasks|handlers|defaults|vars)\/[^/]+\.ya?ml$/i`,
    'the path of a file',
  ],
  ['facts/unread-forms.ts', String.raw`/(?:^|\/)(?:recipes|attributes|cookbooks)\/.*\.rb$/i`, 'the path of a file'],
  [
    'facts/unread-forms.ts',
    String.raw`/(?:^|\/)(?:[^/]*\.)?(?:Dockerfile|Containerfile)(?:[-.][^/]*)?$/i`,
    'the path of a file',
  ],
  [
    'facts/unread-forms.ts',
    String.raw`/(?:^|\/)\.(?:github|gitea|forgejo)\/(?:workflows|actions)\/.*\.ya?ml$/i`,
    'the path of a file',
  ],
  ['facts/unread-forms.ts', String.raw`/\.(?:sh|bash|zsh|fish|ksh|command|run)(?:[-.@~].*)?$/i`, 'the path of a file'],
  ['rules/command/_plugin-hosts.ts', String.raw`/^[\w.-]+(?::\d+|\.[\w.-]+|$)(?:\/|:|$)/`, 'maxAddressLength'],
  [
    'secrets/weakness.ts',
    String.raw`/\.(?:example|sample|template|tmpl|tpl|dist)(?:[-.@~][^/]*)?$/i`,
    'the name of a file',
  ],
  [
    'secrets/placeholders.ts',
    String.raw`/^(?:\s*|["']?[$<{@%].*|.*(?:\$\{|\$\(|\{\{).*|id=.*|true|false|yes|no|on|off|null|none|~|[0-9]{1,5}|\.{0,2}\/.*|~\/.*|[a-z][a-z0-9+.-]{0,20}:\/\/[^@]*|[\w./-]{1,200}\.(?:pem|key|json|ya?ml|txt|asc|gpg|pub|crt|p12|pfx|jks|env|enc|pass)|drone-audit-masked(?:\+[a-z0-9=.+-]*\+look=i.*)?)$/is`,
    'what may trade characters is followed by `.*` up to the end, which cannot fail',
  ],
];

/** Every literal of a file, and what `new RegExp` is given if it is one text; with its line. */
function expressionsIn(file) {
  const parsed = ts.createSourceFile(file, readFileSync(join('src', file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isRegularExpressionLiteral(node)) add(node, node.text);
    else if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
      const [pattern, flags] = node.arguments;
      const source = ts.isTaggedTemplateExpression(pattern)
        ? ts.isNoSubstitutionTemplateLiteral(pattern.template) && pattern.template.rawText
        : ts.isStringLiteralLike(pattern) && pattern.text;
      if (source) add(node, `/${source}/${flags?.text ?? ''}`);
    }
    ts.forEachChild(node, visit);
  };
  const add = (node, text) => {
    const { line } = parsed.getLineAndCharacterOfPosition(node.getStart());
    found.push({ file, where: `src/${file}:${line + 1}`, text });
  };
  visit(parsed);
  return found;
}

/** A text that an element of an expression matches, mostly. */
function sampleOf(element) {
  switch (element.type) {
    case 'Alternative':
      return element.elements.map(sampleOf).join('');
    case 'Group':
    case 'CapturingGroup':
      return sampleOf(element.alternatives[0]);
    case 'Quantifier':
      return sampleOf(element.element).repeat(Math.max(1, Math.min(element.min, 50)));
    case 'Character':
      return String.fromCodePoint(element.value);
    case 'CharacterClass': {
      if (element.negate) return ['a', '/', ' ', '-'].find((each) => new RegExp(element.raw, 's').test(each)) ?? 'é';
      const [first] = element.elements;
      return first === undefined
        ? ''
        : first.type === 'CharacterClassRange'
          ? String.fromCodePoint(first.min.value)
          : sampleOf(first);
    }
    case 'CharacterSet':
      return ['a', '0', ' ', '-'].find((each) => new RegExp(element.raw, 's').test(each)) ?? 'a';
    default:
      return '';
  }
}

/** Texts to repeat, each with what stands before it: every run of elements, at any depth. */
function* pumpsOf(pattern) {
  const alternatives = [];
  const collect = (node, before) => {
    for (const each of node.alternatives ?? []) {
      alternatives.push({ each, before });
      let prefix = before;
      for (const element of each.elements) {
        collect(element.type === 'Quantifier' ? element.element : element, prefix);
        prefix += sampleOf(element);
      }
    }
  };
  collect(pattern, '');
  const seen = new Set();
  for (const { each, before } of alternatives.slice(0, 40)) {
    const samples = each.elements.map(sampleOf);
    for (let from = 0; from < samples.length; from++)
      for (let to = from + 1; to <= Math.min(samples.length, from + 8); to++) {
        const pump = samples.slice(from, to).join('');
        const prefix = before + samples.slice(0, from).join('');
        if (pump === '' || pump.length > 60 || seen.has(`${prefix}\n${pump}`)) continue;
        seen.add(`${prefix}\n${pump}`);
        yield [prefix, pump];
      }
  }
}

/** What a match may fail at: a control character, and all that expressions exclude. */
const ends = ['\n\u0000', '!/"\'`]})>@:;=#?|&$%~^* \n'];
const length = 16_000;
/** Microseconds: linear work on this little text takes far less. */
const littleTime = 2000;

/** Whether some text takes more than in proportion. */
function growsByTrial(expression, pattern) {
  const spent = (prefix, pump, end, size) => {
    const text = prefix + pump.repeat(Math.ceil(size / pump.length)) + end;
    let least = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 3; attempt++) {
      expression.lastIndex = 0;
      const before = process.cpuUsage();
      expression.test(text);
      const { user, system } = process.cpuUsage(before);
      least = Math.min(least, user + system);
      if (least < littleTime) break;
    }
    return least;
  };
  for (const [prefix, pump] of pumpsOf(pattern))
    for (const end of ends) {
      if (spent(prefix, pump, end, length) < littleTime) continue;
      const whole = spent(prefix, pump, end, length * 4);
      if (whole > 8 * spent(prefix, pump, end, length)) return `${JSON.stringify(prefix)} + ${JSON.stringify(pump)}…`;
    }
  return undefined;
}

/** Why an expression may take more than linear time; undefined if nothing shows it. */
function faultOf(text) {
  const { pattern, flags } = parseRegExpLiteral(text);
  const { reports } = scslre.analyse({ pattern, flags });
  if (reports.length > 0) return reports.map(({ type }) => type.toLowerCase()).join(', ');
  return /[*+]|\{\d+,\}/.test(text) ? growsByTrial(new RegExp(pattern.raw, flags.raw), pattern) : undefined;
}

const given = process.argv.slice(2).map((text) => ({ where: 'argument', text }));
const files = readdirSync('src', { recursive: true }).filter((name) => /\.ts$/.test(name) && !/^generated/.test(name));
const expressions = given.length > 0 ? given : files.sort().flatMap(expressionsIn);
const isException = ({ file, text }) => exceptions.some(([where, what]) => where === file && what === text);
const faults = expressions
  .filter((each) => !isException(each))
  .map((each) => ({ ...each, fault: faultOf(each.text) }))
  .filter(({ fault }) => fault !== undefined)
  .map(({ where, text, fault }) => `${where}: ${text} may take more than linear time (${fault})`);
if (given.length === 0)
  for (const [file, text] of exceptions)
    if (!expressions.some((each) => each.file === file && each.text === text))
      faults.push(`src/${file}: there is no ${text}`);
for (const fault of faults) console.error(fault);
console.log(`${expressions.length} regular expressions, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
