import { usualPolicy } from '../apply-policy.ts';
import { judgeAll } from '../audit.ts';
import { explainPipelineFiles } from '../explain/pipeline-file.ts';
import { gather } from '../gather.ts';
import type { PipelineExplanation } from '../model/pipeline-explanation.ts';
import { statusOf } from '../model/report.ts';
import { unknownSite } from '../model/site.ts';
import { lineOf } from '../model/source.ts';
import type { Masked } from '../model/text.ts';
import { read } from '../read.ts';
import { withoutCommands } from '../reporters/escape.ts';
import { pipelineJson, pipelineTable } from '../reporters/pipeline-table.ts';
import { allRules, familyOf } from '../rules/all.ts';
import { maskFor } from '../secrets/mask.ts';
import { type Io, wantsColor } from './io.ts';

/** The options of `explain --file`, as the command line gives them. */
export interface ExplainFileOptions {
  readonly format: 'text' | 'json';
  readonly color: 'auto' | 'always' | 'never';
}

/** Prints what Drone makes of a pipeline file; exit status 3 when it could not be looked at or understood. */
export async function explainFile(file: string, { format, color }: ExplainFileOptions, io: Io): Promise<number> {
  const isScript = /\.(?:star|starlark|script|jsonnet)$/i.test(file);
  const gathered = await gather({
    cwd: io.cwd,
    paths: [file],
    standardInput: io.readStandardInput,
    form: isScript ? undefined : 'drone',
  });
  const sources = gathered.sources.filter(({ form }) => form === 'drone' || form === 'starlark' || form === 'jsonnet');
  const understood = read(sources, gathered.lookup);
  const { installation, problems, unknown, secrets } = understood;
  const mask = maskFor(secrets);
  const policy = usualPolicy(io.today);
  const { applied } = judgeAll(understood, { rules: allRules, familyOf, site: unknownSite, policy });
  const explanation: Masked<PipelineExplanation> = {
    version: 1,
    tool: { name: 'drone-audit', version: io.version },
    files: mask.all(explainPipelineFiles(installation, mask, applied.findings)),
    problems: [
      ...gathered.problems,
      ...problems,
      ...unknown.map(({ at, message, whole }) => ({
        kind: 'unsupported' as const,
        source: whole ?? at.source.name,
        ...(whole === undefined ? { line: lineOf(at) } : {}),
        message,
        incomplete: false,
      })),
    ].map(mask.problem),
  };
  const isNothing = explanation.files.length === 0;
  io.out(
    format === 'json'
      ? pipelineJson(explanation)
      : [...withoutCommands([pipelineTable(explanation, { color: wantsColor(color, io), width: io.width })])].join(''),
  );
  return statusOf(explanation.problems) || (isNothing ? 3 : 0);
}
