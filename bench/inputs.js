// node bench/inputs.js KIND N DIR [--seed WORD] [--duplicates SHARE] [--git]: writes made-up inputs for measurements, the same
// for the same seed on every machine.
//   pipelines  N folders, each with a .drone.yml
//   compose    N compose projects with their env files
//   mix        N folders as a large organisation has them: see `mixed`
//   findings   pipelines with at least N findings
// DIR gets a folder for each thousand: DIR/0000/repo-000123/.drone.yml.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { composeFiles, kubernetesFiles, scriptFiles, unitFiles } from './inputs/deployments.js';
import { pipelineFiles } from './inputs/pipelines.js';
import { choices } from './inputs/random.js';

/** What is in the folders of an organisation, in per cent. */
const mixed = { pipelines: 90, compose: 5, kubernetes: 3, unit: 1, script: 1 };

/** How many findings a file of `findings` has at least. */
const findingsInDense = 120;

const makers = {
  pipelines: pipelineFiles,
  compose: composeFiles,
  kubernetes: kubernetesFiles,
  unit: unitFiles,
  script: scriptFiles,
  mix: (seed, index) => makers[choices(seed, 'mix', index).weighted(mixed)](seed, index),
  findings: (seed, index) => pipelineFiles(seed, index, { dense: true }),
};

/**
 * The files of the folder with a number, by their paths. A share of the folders, evenly spread, repeats an earlier one to the
 * byte, and most of these repeat one of few, as with files that everybody copies.
 */
export function filesAt(kind, index, { seed = 'drone', duplicates = 0 } = {}) {
  const isRepeated = (number) => Math.floor((number + 1) * duplicates) > Math.floor(number * duplicates);
  let original = index;
  if (isRepeated(index)) original = Math.floor(index * choices(seed, 'repeated', index).next() ** 3);
  while (original > 0 && isRepeated(original)) original--;
  return makers[kind](seed, original);
}

/** Writes the folders and says how many files and bytes that is. */
export function writeInputs(kind, count, folder, { git = false, ...options } = {}) {
  const folders = kind === 'findings' ? Math.ceil(count / findingsInDense) : count;
  let [files, bytes] = [0, 0];
  const write = (path, text) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (let index = 0; index < folders; index++) {
    const name = `repo-${`${index}`.padStart(6, '0')}`;
    const repository = join(folder, `${Math.floor(index / 1000)}`.padStart(4, '0'), name);
    for (const [path, text] of Object.entries(filesAt(kind, index, options))) {
      write(join(repository, path), text);
      files++;
      bytes += Buffer.byteLength(text);
    }
    if (git) {
      write(join(repository, '.git/HEAD'), 'ref: refs/heads/main\n');
      write(
        join(repository, '.git/config'),
        `[core]\n\trepositoryformatversion = 0\n[remote "origin"]\n\turl = https://git.example.com/team-${index % 40}/${name}.git\n`,
      );
      for (const inside of ['objects', 'refs']) mkdirSync(join(repository, '.git', inside), { recursive: true });
    }
  }
  return { folders, files, bytes };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: 'drone' },
      duplicates: { type: 'string', default: '0' },
      git: { type: 'boolean', default: false },
    },
  });
  const [kind, number, folder] = positionals;
  const count = Number(number);
  const duplicates = Number(values.duplicates);
  if (!Object.hasOwn(makers, kind ?? '') || !Number.isSafeInteger(count) || folder === undefined || !(duplicates < 1)) {
    console.error(`Give a kind (${Object.keys(makers).join(', ')}), a number and a folder.`);
    process.exitCode = 2;
  } else {
    const { folders, files, bytes } = writeInputs(kind, count, folder, { ...values, duplicates });
    console.log(`${folders} folders, ${files} files, ${(bytes / 1e6).toFixed(1)} MB`);
  }
}
