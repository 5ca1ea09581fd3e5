import { emptyReading, type Reading } from '../../model/reading.ts';
import type { Answer, Endpoint, TlsFacts } from '../../model/server.ts';
import { type Located, nameInPath, type Source } from '../../model/source.ts';
import { ownWords, say } from '../../model/text.ts';
import { type Cursor, entriesOf, locate, numberOf, text, texts, under } from '../yaml/cursor.ts';
import { parseYaml } from '../yaml/parse.ts';
import { isNull, type Node } from '../yaml/tree.ts';

/** What an address answered to somebody without a login, as `checks/endpoint.ts` writes it. Never throws. */
export function readEndpoint(source: Source): Reading {
  const { documents, problems } = parseYaml(source);
  const root = documents[0]?.root;
  const cursor: Cursor = { source, prefix: '' };
  const address = text(cursor, root, 'address', 'address');
  if (problems.length > 0) return { ...emptyReading, problems };
  if (!root || !address) {
    const message = say`does not hold the answers of an address`;
    return { ...emptyReading, problems: [{ kind: 'malformed', source: source.name, message, incomplete: true }] };
  }
  const tried = numberOf(under(root, 'tried'));
  const role = roleOf(text(cursor, root, 'role', 'role')?.value);
  const answers = under(root, 'answers');
  const endpoint: Endpoint = {
    kind: 'endpoint',
    owner: source.name,
    label: say`${ownWords(role)} "${address.value}"`,
    at: address.at,
    role,
    address,
    revealedBy: text(cursor, root, 'revealedBy', 'revealedBy')?.value,
    network: networkOf(text(cursor, root, 'network', 'network')),
    answers: new Map(
      entriesOf(answers).flatMap(({ key, value }) => {
        const answer = answerOf(cursor, value, `answers[${nameInPath(key)}]`);
        return answer ? [[key, answer]] : [];
      }),
    ),
    tls: tlsOf(cursor, under(root, 'tls')),
    accepted: texts(cursor, root, 'accepted', 'accepted'),
    ...(tried === undefined ? {} : { tried }),
  };
  return { ...emptyReading, endpoints: [endpoint] };
}

function roleOf(role: string | undefined): Endpoint['role'] {
  return role === 'runner' || role === 'autoscaler' ? role : 'server';
}

function networkOf(network: Located<string> | undefined): Endpoint['network'] {
  if (network?.value !== 'loopback' && network?.value !== 'private' && network?.value !== 'public') return undefined;
  return { value: network.value, at: network.at };
}

function answerOf(cursor: Cursor, node: Node, path: string): Answer | undefined {
  const statusNode = under(node, 'status');
  const status = numberOf(statusNode);
  const body = text(cursor, node, `${path}.body`, 'body');
  if (!statusNode || status === undefined || !body) return undefined;
  return {
    status: { value: status, at: locate(cursor, `${path}.status`, statusNode) },
    headers: textsBelow(cursor, under(node, 'headers'), `${path}.headers`),
    body,
    facts: textsBelow(cursor, under(node, 'facts'), `${path}.facts`),
    at: locate(cursor, path, node),
  };
}

/** The texts of an object, by their keys in lower case. */
function textsBelow(cursor: Cursor, node: Node | undefined, path: string): ReadonlyMap<string, Located<string>> {
  return new Map(
    entriesOf(node).flatMap(({ key, value }) =>
      value.kind === 'scalar' && !isNull(value)
        ? [[key.toLowerCase(), { value: value.text, at: locate(cursor, `${path}[${nameInPath(key)}]`, value) }]]
        : [],
    ),
  );
}

function tlsOf(cursor: Cursor, node: Node | undefined): TlsFacts | undefined {
  if (node?.kind !== 'map') return undefined;
  return {
    at: locate(cursor, 'tls', node),
    protocol: text(cursor, node, 'tls.protocol', 'protocol'),
    distrust: text(cursor, node, 'tls.distrust', 'distrust'),
    validTo: text(cursor, node, 'tls.validTo', 'validTo'),
    oldProtocols: texts(cursor, node, 'tls.oldProtocols', 'oldProtocols'),
  };
}
