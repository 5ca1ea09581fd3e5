import { count } from '../model/prose.ts';
import type { ConfigInForce, ConfigSetting, Report } from '../model/report.ts';
import { tallyOf } from './tally.ts';

/** More files are counted. */
const mostFiles = 3;

/** A key as its file has it, and which file that is: `failOn: never in drone-audit.yml`. Undefined where no config decides. */
export function settingInWords(config: ConfigInForce | undefined, key: string): string | undefined {
  const setting = config?.settings.find((each) => each.key === key);
  return setting && `${keyAndValue(setting)} in ${ownerOf(setting)}`;
}

/** The same behind what comes of it, in brackets; empty where no config decides. */
export function byConfig({ config }: Pick<Report, 'config'>, key: string): string {
  const words = settingInWords(config, key);
  return words === undefined ? '' : ` (${words})`;
}

/** The files of the config and policy, and what they change: `drone-audit.yml (failOn: never, 1 file left out)`. */
export function configInWords({ config, findings }: Pick<Report, 'config' | 'findings'>): string | undefined {
  if (!config) return undefined;
  const { suppressed, excluded, accepted } = config;
  const { overridden } = tallyOf({ findings });
  const changes = [
    ...settingsInWords(config),
    ...(suppressed > 0 ? [`${count(suppressed, 'finding')} suppressed`] : []),
    ...(overridden > 0 ? [`${overridden} of another severity`] : []),
    ...(excluded > 0 ? [`${count(excluded, 'file')} left out`] : []),
    ...(accepted > 0 ? [`${count(accepted, 'problem')} accepted`] : []),
  ];
  return `${filesInWords(config)} (${changes.join(', ') || 'without effect here'})`;
}

/** The same without what it came to. */
export function configAsWritten(config: ConfigInForce): string {
  const settings = settingsInWords(config);
  return filesInWords(config) + (settings.length > 0 ? ` (${settings.join(', ')})` : '');
}

function filesInWords({ files }: ConfigInForce): string {
  const more = files.length - mostFiles;
  const shown = files.slice(0, mostFiles).map(({ name, by }) => named(name, by));
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The keys that count, each once. */
function settingsInWords({ settings }: ConfigInForce): readonly string[] {
  return [...new Set(settings.map(keyAndValue))];
}

export function keyAndValue({ key, value }: ConfigSetting): string {
  return value === undefined ? key : `${key}: ${value}`;
}

function ownerOf({ where, by }: ConfigSetting): string {
  return named(writtenPlace(where).source, by);
}

/** The file and the line of a place that is written `FILE:LINE`. */
export function writtenPlace(where: string): { readonly source: string; readonly line: number } {
  const colon = where.lastIndexOf(':');
  return { source: where.slice(0, colon), line: Number(where.slice(colon + 1)) };
}

function named(file: string, by: ConfigSetting['by']): string {
  return by === 'policy' ? `the policy ${file}` : file;
}
