import { chmodSync, cpSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Policy, usualPolicy } from '../../src/apply-policy.ts';
import { audit } from '../../src/audit.ts';
import type { Installation } from '../../src/model/installation.ts';
import { type Site, unknownSite } from '../../src/model/site.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import { type ListedReport, listed } from './listed-report.ts';

/** Audits a folder, given from the root of the repository, as `drone-audit scan` in it does. */
export async function auditFolder(
  folder: string,
  policy: Partial<Policy> = {},
  site: Partial<Site> = {},
): Promise<ListedReport> {
  return (await auditWhole(folder, policy, site)).report;
}

/** Audits some paths of a folder, as `drone-audit scan PATH ...` in it does. */
export async function auditPaths(
  folder: string,
  paths: readonly string[],
  policy: Partial<Policy> = {},
): Promise<ListedReport> {
  return (await auditWhole(folder, policy, {}, paths)).report;
}

/** The same, with what was read. */
export async function auditWhole(
  folder: string,
  policy: Partial<Policy> = {},
  site: Partial<Site> = {},
  paths: readonly string[] = ['.'],
): Promise<{ report: ListedReport; installation: Installation }> {
  const { report, understood } = await audit({
    version: '0.0.0',
    targets: { cwd: resolve(folder), paths, standardInput: () => Buffer.alloc(0) },
    rules: allRules,
    familyOf,
    site: { ...unknownSite, ...site },
    policy: { ...usualPolicy('2026-11-21'), ...policy },
    failOn: 'high',
    notAsked: () => ['the Docker Engine (--docker)'],
  });
  return { report: listed(report), installation: understood.installation };
}

/** Shows everything, however small or unsure. */
export const everything = {
  pedantic: true,
  minSeverity: 'info',
  minConfidence: 'low',
} as const satisfies Partial<Policy>;

/** Copies a folder to where git does not know it, readable by everybody, as files on a host often are; its new path. */
export function copyAsOnHost(folder: string, copy: string): string {
  cpSync(folder, copy, { recursive: true });
  for (const entry of readdirSync(copy, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) chmodSync(join(entry.parentPath, entry.name), 0o644);
  return copy;
}
