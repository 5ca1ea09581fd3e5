import { applyPolicy, usualPolicy } from '../../src/apply-policy.ts';
import { installationsOf, masksOf } from '../../src/installations.ts';
import { judge } from '../../src/judge.ts';
import { unknownSite } from '../../src/model/site.ts';
import { lineOf } from '../../src/model/source.ts';
import { read } from '../../src/read.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { evidenceMask, secretValuesOf } from '../../src/secrets/evidence.ts';
import { everything } from './audit-folder.ts';
import { type Fixture, lookupAmong } from './fixtures.ts';

/** What all rules say of a fixture, without columns, which masks move. */
export function findingsOf(fixture: Fixture): readonly string[] {
  const all = read(fixture.sources, lookupAmong(fixture));
  const parts = installationsOf(all);
  const verdicts = parts.flatMap(({ installation }) => judge(installation, allRules, unknownSite).verdicts);
  const policy = { ...usualPolicy('2026-11-21'), ...everything };
  const { findings } = applyPolicy(verdicts, [], all.sources, familyOf, policy, masksOf(parts, all.secrets));
  return findings
    .map(({ rule, severity, at, message, fingerprint }) =>
      [`${at.source.name}:${lineOf(at)}`, severity, rule, message, fingerprint].join(' '),
    )
    .sort();
}

/** A fixture as saved evidence holds it. */
export function saved(fixture: Fixture): Fixture {
  const all = read(fixture.sources, lookupAmong(fixture));
  const maskOf = masksOf(installationsOf(all), all.secrets);
  const mask = evidenceMask(maskOf, all.secrets, secretValuesOf(all.installation.settings));
  const byName = new Map(all.sources.map((source) => [source.name, source]));
  return {
    ...fixture,
    texts: new Map([...fixture.texts, ...all.sources.map((source) => [source.name, mask(source)] as const)]),
    sources: fixture.sources.map((source) => ({ ...source, text: mask(byName.get(source.name) ?? source) })),
  };
}
