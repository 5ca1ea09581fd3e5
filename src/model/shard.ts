/** One of the equal shares into which an audit is divided, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}
