/* What the picture of ways calls positions, assets, and what somebody has between them. */

/** A box of the picture by what it stands for. */
export interface Named {
  /** Those of one kind can be drawn as one box. */
  readonly kind: string;
  readonly is: 'position' | 'between' | 'asset';
  readonly title: string;
  /** What stands before its name. */
  readonly before: string;
  /** Of which of its kind it tells; empty where there is only one. */
  readonly name: string;
}

const positions: ReadonlyMap<string, readonly [title: string, does: string]> = new Map([
  ['network', ['Network', 'reaches a published port']],
  ['scm-account', ['SCM account', 'anyone who signs in there']],
  ['fork-author', ['Fork author', 'opens a pull request']],
  ['neighbour', ['Neighbour', 'is on the wire']],
]);

/** A position; one that somebody was let in for is called as it is. */
export function positionNamed(position: string): Named {
  const [title, does] = positions.get(position) ?? [position, ''];
  return { kind: `position ${position}`, is: 'position', title, before: '', name: does };
}

const assets: ReadonlyMap<string, readonly [title: string, before: string]> = new Map([
  ['host', ['Root on the machine', 'of builds on ']],
  ['engine', ['Engine', 'of builds on ']],
  ['server', ['Server', '']],
  ['database', ['Database', '']],
  ['rpc-secret', ['RPC secret', '']],
  ['secret', ['Secret', '']],
  ['clone-credential', ['Clone credential', 'of ']],
  ['deploy', ['Deployment', 'by ']],
  ['artefact', ['Published artefact', 'of ']],
  ['extension', ['Store of an extension', '']],
  ['registry', ['Images of registries', 'of ']],
  ['cluster', ['Cluster namespace', '']],
  ['network', ['Network of builds', 'on ']],
]);

/** The states between, by the names that ways/states.ts gives them: the first that matches. */
const between: readonly (readonly [name: RegExp, title: string, before: string])[] = [
  [/^account$/, 'Account at Drone', ''],
  [/^drone-admin$/, 'Administrator of Drone', ''],
  [/^beside the control plane$/, 'Network of the server', ''],
  [/^on (.*) pull_request$/s, 'Their pipeline, as a pull request', 'on '],
  [/^on (.*) other event$/s, 'Their pipeline', 'on '],
  [/^on (.*) trusted .*$/s, 'Their pipeline, trusted', 'on '],
  [/^code on (.*)$/s, 'Their code in a build', 'on '],
  [/^(?:code|fixed) (.*)$/s, 'Their code in a build', 'of '],
  [/^file (.*) (?:own|pull_request|push|promote)$/s, 'Their pipeline file', 'in '],
  [/^running (.*) (?:own|pull_request|push|promote)$/s, 'Their pipeline', 'in '],
  [/^group .*$/s, 'Their pipeline, on any runner', ''],
  [/^build (.*)$/s, 'Build of a pull request', 'of '],
  [/^approved (.*)$/s, 'Approved build', 'of '],
  [/^privileged (.*)$/s, 'Privileged container', 'on '],
  [/^machine (.*)$/s, 'Machine', 'of builds on '],
  [/^held (.*)$/s, 'What the server hands out', 'for '],
  [/^later \S* (.*)$/s, 'Later builds', 'of '],
  [/^poisoned (.*)$/s, 'Cache of later builds', 'of '],
  [/^webhook of (.*)$/s, 'Webhook secret', 'of '],
  [/^account .* of (.*)$/s, 'Service account', 'of '],
  [/^user of (.*)$/s, 'User of the builds', 'of '],
  [/^position (.*)$/s, 'Rights', 'of a '],
];

/** An asset, or a state between. */
export function stateNamed(state: string): Named {
  const colon = state.indexOf(':');
  const kind = colon < 0 ? state : state.slice(0, colon);
  const asset = assets.get(kind);
  if (asset) {
    const [title, before] = asset;
    return { kind, is: 'asset', title, before, name: colon < 0 ? '' : state.slice(colon + 1) };
  }
  for (const [pattern, title, before] of between) {
    const match = pattern.exec(state);
    if (match) return { kind: title, is: 'between', title, before, name: match[1] ?? '' };
  }
  return { kind: 'other', is: 'between', title: 'A state between', before: '', name: state };
}
