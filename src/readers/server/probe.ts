import { hostOf, isLoopback } from '../../model/hosts.ts';
import type { Outcome, Verdict } from '../../model/probe.ts';
import { emptyReading, type Reading } from '../../model/reading.ts';
import { type Located, nameInPath, type Source } from '../../model/source.ts';
import { say } from '../../model/text.ts';
import { type Cursor, entriesOf, locate, numberOf, text, under } from '../yaml/cursor.ts';
import { parseYaml } from '../yaml/parse.ts';
import type { Node } from '../yaml/tree.ts';

/** What an extension answered to the requests of a probe: the text of an `extension-probe` source. */
export function readProbe(source: Source): Reading {
  const { documents, problems } = parseYaml(source);
  const root = documents[0]?.root;
  const cursor: Cursor = { source, prefix: '' };
  const address = text(cursor, root, 'address', 'address');
  if (problems.length > 0) return { ...emptyReading, problems };
  if (!root || !address || under(root, 'requests')?.kind !== 'map') {
    const message = say`holds no answers of an extension`;
    return { ...emptyReading, problems: [{ kind: 'empty', source: source.name, message, incomplete: true }] };
  }
  const outcomes = new Map<string, Outcome>();
  for (const { key, value } of entriesOf(under(root, 'requests'))) {
    const outcome = outcomeOf(cursor, key, value);
    if (outcome) outcomes.set(key, outcome);
  }
  const host = hostOf(address.value);
  return {
    ...emptyReading,
    probes: [
      {
        kind: 'extension',
        owner: source.name,
        label: say`the extension`,
        at: locate(cursor, '', root),
        address,
        isLocal: host !== undefined && isLoopback(host),
        outcomes,
      },
    ],
  };
}

const verdicts: readonly Verdict[] = ['refused', 'accepted', 'data', 'unknown'];

function outcomeOf(cursor: Cursor, name: string, node: Node): Outcome | undefined {
  const path = `requests[${nameInPath(name)}]`;
  const written = text(cursor, node, `${path}.verdict`, 'verdict');
  const verdict = verdicts.find((known) => known === written?.value);
  if (!written || !verdict) return undefined;
  const statusNode = under(node, 'status');
  const value = numberOf(statusNode);
  const status: Located<number> | undefined =
    statusNode && value !== undefined ? { value, at: locate(cursor, `${path}.status`, statusNode) } : undefined;
  return {
    verdict: { value: verdict, at: written.at },
    status,
    secret: text(cursor, node, `${path}.asked`, 'asked'),
    at: locate(cursor, path, node),
  };
}
