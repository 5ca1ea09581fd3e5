// npm run new-rule FAMILY/ID: the files of a new rule. What is still missing, the catalogue test tells.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.js';

const [family, id] = (process.argv[2] ?? '').split('/');
if (!/^[a-z]+$/.test(family ?? '') || !/^[a-z]+(-[a-z0-9]+)+$/.test(id ?? '')) {
  console.error('usage: npm run new-rule FAMILY/ID');
  process.exit(2);
}
const folder = join(root, 'src/rules', family);
const list = join(folder, 'index.ts');
if (!existsSync(list) || existsSync(join(folder, `${id}.ts`))) {
  console.error(
    existsSync(list)
      ? `${id} is there already`
      : `there is no family "${family}"; make its index.ts and its line in src/rules/all.ts first`,
  );
  process.exit(2);
}
writeFileSync(
  join(folder, `${id}.ts`),
  `import { rule } from '../../model/rule.ts';

export default rule({
  id: '${id}',
  on: 'pipeline',
  severity: 'medium',
  confidence: 'high',
  title: '',
  why: '',
  fix: '',
  refs: [],
  standards: {},
  since: '0.1.0',
  *judge(pipeline) {
    for (const step of pipeline.steps) yield { at: step.nameAt, message: \`step "\${step.name}"\` };
  },
});
`,
);
const name = id.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
const text = readFileSync(list, 'utf8');
writeFileSync(
  list,
  text.replace('\n\nexport default [', `\nimport ${name} from './${id}.ts';\n\nexport default [${name}, `),
);
const fixtures = join(root, 'test/fixtures/rules', family, id);
mkdirSync(fixtures, { recursive: true });
for (const kind of ['bad', 'good'])
  writeFileSync(join(fixtures, `${kind}.drone.yml`), 'kind: pipeline\ntype: docker\nname: default\nsteps: []\n');
