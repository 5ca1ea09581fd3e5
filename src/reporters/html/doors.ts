import type { Finding, Report } from '../../model/report.ts';

/** Who may go through a door: persons outside the installation, by what they need for it. */
export type Actor = 'fork' | 'writer' | 'account' | 'neighbour' | 'reader' | 'publisher';

type Node = NonNullable<Report['picture']>['nodes'][number];

/** How a picture names an actor, and a sentence does. */
export const actors: Readonly<Record<Actor, { readonly name: string; readonly line: string; readonly words: string }>> =
  {
    account: { name: 'Any account', line: 'signs in at the SCM', words: 'anyone with an account at the SCM' },
    fork: { name: 'Author of a fork', line: 'sends a pull request', words: 'authors of fork pull requests' },
    neighbour: { name: 'Network', line: 'asks and reads along', words: 'anyone on the network' },
    reader: { name: 'Reader of files', line: 'sees what is written', words: 'readers of these files' },
    publisher: { name: 'Publisher', line: 'of images and scripts', words: 'publishers of what is downloaded' },
    writer: { name: 'Writer', line: 'pushes to a repository', words: 'whoever may push' },
  };

/** Where a finding lies in the picture: from an actor or a part to a part. */
export interface Door {
  readonly from: Actor | Node;
  readonly to: Node;
  /** Who comes in, where the picture shows only between which parts. */
  readonly who?: Actor;
}

/** Rules about files that hold what they should not. */
const written: ReadonlySet<string> = new Set([
  'hardcoded-secret',
  'readable-secret-file',
  'readable-data-directory',
  'plaintext-secret-document',
]);
/** Rules of other families about what is fetched from strangers. */
const fetched: ReadonlySet<string> = new Set([
  'remote-script',
  'unverified-download',
  'unpinned-container-image',
  'floating-clone-image',
]);

/**
 * The parts that the findings of a report are about. A family of rules is about one kind of step from one part to the
 * next; what it cannot place is drawn as coming from the network, or from who may write to the repository.
 */
export class Doors {
  private readonly nodes: readonly Node[];
  private readonly picture: Report['picture'];
  private readonly byLabel = new Map<string, Node>();
  private readonly bySource = new Map<string, Node>();

  constructor(picture: Report['picture']) {
    this.picture = picture;
    this.nodes = picture?.nodes ?? [];
    for (const node of this.nodes) {
      for (const label of node.labels) if (!this.byLabel.has(label)) this.byLabel.set(label, node);
      for (const source of node.sources) if (!this.bySource.has(source)) this.bySource.set(source, node);
    }
  }

  of(finding: Finding): Door | undefined {
    const { family, rule, reach } = finding;
    const node = this.nodeOf(finding);
    if (!node) return undefined;
    const isOfBuilds = node.kind === 'builds';
    const outsider: Actor = reach === 'fork pull requests' ? 'fork' : 'writer';
    if (written.has(rule)) return { from: 'reader', to: node };
    if (fetched.has(rule) || family === 'image') return { from: 'publisher', to: node };
    switch (family) {
      case 'account':
        return { from: 'account', to: node };
      case 'rpc':
        return this.rpcOf(node);
      case 'storage': {
        const database = this.next(node, 'database');
        return database ? { from: node, to: database, who: 'reader' } : { from: 'reader', to: node };
      }
      case 'extension': {
        const extension = this.next(node, 'extension');
        return extension ? { from: node, to: extension, who: 'neighbour' } : { from: 'neighbour', to: node };
      }
      case 'privilege':
      case 'kubernetes':
        return this.toEngine(node, reach === undefined ? undefined : outsider);
      case 'runner':
        return this.runnerDoor(node, rule);
      case 'container':
        if (rule === 'exposed-port' || rule === 'plain-docker-daemon') return { from: 'neighbour', to: node };
        return this.toEngine(node);
      case 'host':
      case 'server':
      case 'diagnostics':
      case 'scm':
      case 'release':
        return { from: 'neighbour', to: node };
      default:
        return { from: isOfBuilds ? outsider : 'neighbour', to: node };
    }
  }

  private nodeOf({ label, at }: Finding): Node | undefined {
    const named =
      this.byLabel.get(label) ??
      label
        .split(', ')
        .map((each) => this.byLabel.get(each))
        .find((each) => each);
    return (
      named ??
      this.bySource.get(at.source.name) ??
      this.nodes.find(({ kind }) => kind === 'server') ??
      this.nodes.find(({ seen }) => seen)
    );
  }

  /** The part of a kind that another leads to. */
  private next(node: Node, ...kinds: readonly Node['kind'][]): Node | undefined {
    const ids = this.picture?.edges.filter(({ from }) => from === node.id).map(({ to }) => to) ?? [];
    return this.nodes.find(({ id, kind }) => kinds.includes(kind) && ids.includes(id));
  }

  private rpcOf(node: Node): Door {
    const edge = this.picture?.edges.find(
      ({ kind, from, to }) => kind === 'rpc' && (from === node.id || to === node.id),
    );
    const [from, to] = [edge?.from, edge?.to].map((id) => this.nodes.find((each) => each.id === id));
    return from && to ? { from, to, who: 'neighbour' } : { from: 'neighbour', to: node };
  }

  private toEngine(node: Node, who?: Actor): Door {
    const engine = this.next(node, 'engine');
    return engine ? { from: node, to: engine, who } : { from: who ?? 'writer', to: node };
  }

  private runnerDoor(node: Node, rule: string): Door {
    const builds = this.next(node, 'builds') ?? node;
    if (/^(?:unrestricted|unlimited|debug)/.test(rule)) return { from: 'writer', to: builds };
    if (/secret|credential/.test(rule))
      return builds === node ? { from: 'writer', to: node } : { from: node, to: builds, who: 'writer' };
    return this.toEngine(builds);
  }
}
