import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type Block, partsOf } from '../../src/fixes/markdown.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { parse as parseShell } from '../../src/shell/parse.ts';
import { findingsIn, fixtureOf, fixturesIn, readFixture } from '../support/fixtures.ts';

// What people paste from a fix parses, and is no finding itself: all blocks of the fixes of all bad fixtures.
const root = 'test/fixtures/rules';

/** What a fix may leave, because it says how to accept it, or because it shows one part of two: `rule found`. */
const accepted: ReadonlyMap<string, string> = new Map([]);

for (const rule of allRules) {
  const folder = join(root, familyOf.get(rule.id) ?? '', rule.id);
  const names = fixturesIn(folder).filter((name) => name.startsWith('bad'));
  it(`the blocks of ${rule.id}`, () => {
    const blocks = new Map<string, Block>();
    for (const name of names)
      for (const finding of findingsIn(readFixture(join(folder, name), name)).findings)
        if (finding.rule === rule.id)
          for (const part of partsOf(finding.fix)) if (part.kind === 'block') blocks.set(part.text, part);
    const faults = [...blocks.values()].flatMap((block) => faultsOf(block).map((fault) => `${rule.id} ${fault}`));
    expect([...new Set(faults)].filter((fault) => !accepted.has(fault))).toEqual([]);
  });
}

/** What does not parse in a block, and what is found in it. */
function faultsOf({ language, text }: Block): readonly string[] {
  switch (language) {
    case 'yaml': {
      const errors = parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => message));
      return errors.length > 0 ? [`${errors[0]} in ${text}`] : foundIn(...wholeOf(text));
    }
    case 'ini':
    case 'env':
      return foundIn('x.env', withSecrets(text));
    default:
      return [];
  }
}
