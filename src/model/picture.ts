import type { Text } from './text.ts';

/** From left to right, and from those who may act to what they may get. */
export const lanes = ['outside', 'server', 'runner', 'host'] as const;
export type Lane = (typeof lanes)[number];

/** A part of an installation, or of what surrounds it, as a picture shows it. */
export interface PictureNode {
  readonly id: string;
  readonly lane: Lane;
  readonly kind: 'scm' | 'server' | 'database' | 'extension' | 'proxy' | 'runner' | 'builds' | 'engine';
  /** The source that tells of it. */
  readonly source: string;
  readonly name: Text;
  /** What else is known of it, a line each. */
  readonly lines: readonly Text[];
  /** How findings name it: `service "drone"`. */
  readonly labels: readonly Text[];
  /** The sources whose findings are about it where no label tells. */
  readonly sources: readonly string[];
  /** Whether it was looked at, or is only named by something that was. */
  readonly seen: boolean;
}

/** That one part uses another. */
export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'events' | 'proxied' | 'sql' | 'calls' | 'rpc' | 'starts' | 'socket' | 'runs on';
  /** Whether it is known to be without encryption. */
  readonly plain?: true;
}

/** What was read, as parts and what leads from one to another. */
export interface Picture {
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}
