import type { Edge } from '../edge.ts';
import { givenEdges } from './given.ts';
import { leakEdges } from './leaks.ts';
import { privilegeEdges } from './privilege.ts';
import { runningEdges } from './running.ts';
import { spreadingEdges } from './spreading.ts';

/** All edges. */
export const edges: readonly Edge[] = [
  ...runningEdges,
  ...privilegeEdges,
  ...spreadingEdges,
  ...givenEdges,
  ...leakEdges,
];
