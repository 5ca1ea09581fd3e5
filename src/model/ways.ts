import type { Text } from './text.ts';

/** Positions of people whom nobody let in, and who are not expected to have a way. */
export const outsiders = ['network', 'scm-account', 'fork-author', 'neighbour'] as const;

/** The kinds of assets by what they are worth to somebody who gets in, the most first: what gives the others comes before them. */
const kindsByWorth: readonly string[] = [
  'host',
  'rpc-secret',
  'server',
  'database',
  'cluster',
  'deploy',
  'extension',
  'secret',
  'artefact',
  'clone-credential',
  'registry',
  'engine',
  'network',
];

/** What assets are of: `host` of `host:runner`. */
export function kindOfAsset(asset: string): string {
  const colon = asset.indexOf(':');
  return colon < 0 ? asset : asset.slice(0, colon);
}

/** The place of an asset by what it is worth; the smaller, the more. */
export function placeByWorth(asset: string): number {
  return kindsByWorth.indexOf(kindOfAsset(asset));
}

/** A place in a source, by its line from 1; for steps that nothing written tells of there is none. */
export interface WayPlace {
  readonly file: string;
  readonly line: number;
}

/** One step of a way, as it is told. */
export interface ToldStep {
  /** Its kind, by the id that docs/ways-in.md explains. */
  readonly edge: string;
  /** What is done in it, as a predicate: `opens a pull request, which is built`. */
  readonly does: string;
  readonly why: Text;
  readonly certainty: 'seen' | 'assumed' | 'unknown';
  readonly place?: WayPlace;
  /** The cheapest change that rules it out. */
  readonly fix?: Text;
  /** The rule that tells that change. */
  readonly rule?: string;
  /** Whether the cut rules it out. */
  readonly isCut?: true;
  /** The changes of the cut that do so, by their numbers from 1; several where all of them are needed. */
  readonly cutBy?: readonly number[];
  /** What somebody has then: an asset, or a state on the way to one by the name of `ways/states.ts`. */
  readonly gives: string;
}

/** A way from a position to an asset. */
export interface ToldWay {
  readonly from: string;
  readonly to: string;
  readonly certainty: 'seen' | 'assumed' | 'unknown';
  readonly steps: readonly ToldStep[];
  /** The act of a person without which it is closed. */
  readonly if?: string;
  /** Ways of the same number are one for whoever closes them: they start at one position, and lose the same steps to the same changes. */
  readonly group: number;
}

/** A change that closes ways. */
export interface ToldChange {
  readonly edge: string;
  readonly kind: 'line' | 'setting' | 'repository' | 'host' | 'architecture';
  readonly what: Text;
  readonly place?: WayPlace;
  readonly rule?: string;
  readonly caution?: Text;
}

/** How it stands between a position and an asset. */
export interface ToldCell {
  readonly from: string;
  readonly to: string;
  readonly is: 'open' | 'by design' | 'if' | 'not known' | 'closed';
}

/** The ways through one installation. */
export interface ToldWays {
  /** Those that are open, or open if somebody acts; what is so by design is in the matrix alone. */
  readonly ways: readonly ToldWay[];
  readonly closed: readonly { readonly from: string; readonly to: string; readonly by: Text }[];
  /** What nothing that was read tells, with what would decide it. */
  readonly notKnown: readonly { readonly from: string; readonly to: string; readonly because: Text }[];
  readonly cut: {
    readonly changes: readonly ToldChange[];
    /** How many of the ways of outsiders it closes, equal ones counted once. */
    readonly closes: number;
    /** Whether it is known that no cheaper set of changes does. */
    readonly isSmallest: boolean;
    /** Ways that no change closes. */
    readonly left: readonly { readonly from: string; readonly to: string }[];
  };
  readonly matrix: readonly ToldCell[];
}
