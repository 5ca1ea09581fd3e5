import { join } from 'node:path';
import { audit } from '../../src/audit.ts';
import type { Report } from '../../src/model/report.ts';
import { unknownSite } from '../../src/model/site.ts';
import { allRules, familyOf } from '../../src/rules/all.ts';
import type { Policy } from '../../src/settle.ts';

/** Audits a folder, given from the root of the repository, as `drone-audit scan` in it does. */
export async function auditFolder(folder: string, policy: Partial<Policy> = {}): Promise<Report> {
  const { report } = await audit({
    version: '0.0.0',
    targets: { cwd: join(process.cwd(), folder), paths: ['.'], standardInput: () => Buffer.alloc(0) },
    rules: allRules,
    familyOf,
    site: unknownSite,
    policy: {
      pedantic: false,
      minSeverity: 'low',
      minConfidence: 'medium',
      ignores: [],
      comments: true,
      today: '2026-11-21',
      ...policy,
    },
    failOn: 'high',
    notAsked: [],
  });
  return report;
}

/** Shows everything, however small or unsure. */
export const everything: Partial<Policy> = { pedantic: true, minSeverity: 'info', minConfidence: 'low' };
