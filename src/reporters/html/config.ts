import type { ConfigEntry, ConfigInForce } from '../../model/report.ts';
import { keyAndValue } from '../config-in-force.ts';
import { cut } from '../prose.ts';
import { escaped } from './escape.ts';
import { part } from './lists.ts';
import { table } from './table.ts';
import { amount, codeOf, pathOf } from './words.ts';

/** The config and policy in force: every file with its digest, and each entry with what it hid or changed. */
export function* configPart(config: ConfigInForce | undefined): Generator<string> {
  if (!config) return;
  const { files, settings, entries } = config;
  yield* part(
    'config',
    'Config and policy',
    files.length,
    table('Files of the config', ['File', 'Part of', 'Whose', 'SHA-256'], files, (file) => [
      pathOf(file.name),
      file.by,
      file.isAudited ? 'in what is audited: its authors decide' : 'outside of what is audited',
      [
        'sha',
        `${codeOf(file.sha256)}${file.hashOf === 'masked' ? ' <span class="sub">of the text without its secrets</span>' : ''}`,
      ],
    ]),
  );
  yield* part(
    'settings',
    'Keys that count',
    settings.length,
    table('Keys of the config', ['Key', 'Part of', 'Written at'], settings, (setting) => [
      codeOf(keyAndValue(setting)),
      setting.by,
      pathOf(setting.where),
    ]),
  );
  yield* part(
    'entries',
    'What they say',
    entries.length,
    table('Entries of the config', ['Entry', 'Written at', 'Reason', 'Until', 'Came to'], entries, entryCells),
  );
}

function entryCells(entry: ConfigEntry): readonly string[] {
  const { key, where, rule, path, at, problem, to, reason, until, count } = entry;
  const what = [rule, path, at, problem].flatMap((each) => (each === undefined ? [] : [codeOf(cut(each, 200))]));
  return [
    `<b>${key}</b> ${what.join(' ')}${to === undefined ? '' : ` to ${to}`}`,
    pathOf(where),
    reason === undefined ? 'no reason' : escaped(cut(reason, 400)),
    until === undefined ? 'no end' : `until ${escaped(until)}`,
    count === undefined ? 'counted together' : amount(count),
  ];
}
