import { type Lane, lanes } from '../../model/picture.ts';
import type { Severity } from '../../model/severity.ts';

/** A part as it is drawn. */
export interface Box {
  readonly id: string;
  readonly lane: Lane;
  readonly title: string;
  readonly lines: readonly string[];
  readonly tone: Severity | 'none';
  /** Dashed: not looked at. */
  readonly dashed: boolean;
}

export interface Mark {
  readonly number: number;
  readonly severity: Severity;
}

/** What leads from one box to another; doors are drawn on it. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly marks: readonly Mark[];
}

/** Places of everything, in the units of the drawing. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly lanes: readonly {
    readonly lane: Lane;
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
  readonly boxes: readonly (Box & Frame)[];
  readonly lines: readonly (Line & {
    readonly path: string;
    readonly labelAt: Point;
    readonly marksAt: readonly Point[];
  })[];
}

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Doors are 28 across, so that a target is never below 24 (WCAG 2.2, 2.5.8). */
export const doorRadius = 14;
const port = 34;
const titleHeight = 19;
const lineHeight = 16;

function heightOf({ title, lines }: Box, wrapped: number, ports: number): number {
  return Math.max(16 + titleHeight + (lines.length + wrapped) * lineHeight + (title === '' ? 0 : 2), ports * port + 6);
}

interface Port {
  readonly line: Line;
  readonly end: 'from' | 'to';
  y: number;
}

/** Lanes side by side; lines run through the gutters, doors at the left of a gutter and bends at its right. */
export function wideLayout(boxes: readonly Box[], lines: readonly Line[]): Layout {
  const width = 1140;
  const lane = 196;
  const gutter = (width - 16 - 4 * lane) / 3;
  const top = 34;
  const laneOf = new Map(boxes.map((box) => [box.id, lanes.indexOf(box.lane)]));
  const index = (id: string): number => laneOf.get(id) ?? 0;
  const laneX = (of: number): number => 8 + of * (lane + gutter);

  // Which side of its box each end of a line is at.
  const right = new Map<string, Port[]>();
  const left = new Map<string, Port[]>();
  const ports = new Map<Line, { from: Port; to: Port }>();
  for (const line of lines) {
    const [a, b] = [index(line.from), index(line.to)];
    const from: Port = { line, end: 'from', y: 0 };
    const to: Port = { line, end: 'to', y: 0 };
    ports.set(line, { from, to });
    push(a <= b ? right : left, line.from, from);
    push(a < b ? left : right, line.to, to);
  }

  const placed = new Map<string, Box & Frame>();
  let bottom = 0;
  for (const [at, name] of lanes.entries()) {
    let y = top + 14;
    for (const box of boxes.filter((each) => each.lane === name)) {
      const sides = Math.max(right.get(box.id)?.length ?? 0, left.get(box.id)?.length ?? 0);
      const height = heightOf(box, 0, sides);
      placed.set(box.id, { ...box, x: laneX(at) + 10, y, width: lane - 20, height });
      y += height + 22;
      bottom = Math.max(bottom, y - 22);
    }
  }
  const floor = bottom + 14;
  const middle = (id: string): number => {
    const box = placed.get(id);
    return box ? box.y + box.height / 2 : 0;
  };
  const isFar = ({ from, to }: Line): boolean => Math.abs(index(from) - index(to)) > 1;

  for (const [sides, isRight] of [
    [right, true],
    [left, false],
  ] as const)
    for (const [id, of] of sides) {
      const box = placed.get(id);
      if (!box) continue;
      const other = ({ line, end }: Port): number =>
        isFar(line) ? floor + 1 : middle(end === 'from' ? line.to : line.from);
      of.sort((a, b) => other(a) - other(b));
      const step = isRight ? port : Math.min(port, box.height / (of.length + 1));
      const start = box.y + box.height / 2 - ((of.length - 1) * step) / 2;
      for (const [rank, each] of of.entries()) each.y = start + rank * step;
    }
  straighten(ports, placed, left, isFar);

  const far = lines.filter(isFar);
  const bends = new Bends(gutter - 76);
  for (const line of lines) {
    const [a, b] = [index(line.from), index(line.to)];
    const { from, to } = ports.get(line) ?? never();
    const [leftY, rightY] = a <= b ? [from.y, to.y] : [to.y, from.y];
    if (isFar(line)) {
      bends.add(Math.min(a, b), line, 'begin', 2, -leftY);
      bends.add(Math.max(a, b) - 1, line, 'end', 3, rightY);
    } else if (a === b) bends.add(Math.min(a, 2), line, 'begin', 0, Math.abs(from.y - to.y));
    else if (Math.abs(leftY - rightY) > 1)
      bends.add(Math.min(a, b), line, 'begin', rightY < leftY ? 1 : 2, rightY < leftY ? leftY : -leftY);
  }
  // The line that turns last into the first gutter runs highest, so that those further in pass below it.
  const corridors = far.toSorted((a, b) => (ports.get(b)?.from.y ?? 0) - (ports.get(a)?.from.y ?? 0)).toReversed();

  const drawn = lines.map((line) => {
    const [a, b] = [index(line.from), index(line.to)];
    const { from, to } = ports.get(line) ?? never();
    const first = Math.min(a, b);
    const start = laneX(first) + lane - 10;
    const [leftY, rightY] = a <= b ? [from.y, to.y] : [to.y, from.y];
    const end = laneX(Math.max(a, b)) + 10;
    const doorX = laneX(first) + lane + 6 + doorRadius;
    const marksAt = line.marks.map((_, rank) => ({ x: doorX + rank * (2 * doorRadius + 3), y: leftY }));
    const labelAt = { x: laneX(first) + lane + 4, y: leftY - 5 };
    const bend = (of: number, which: 'begin' | 'end'): number =>
      laneX(of) + lane + gutter - 4 - bends.offset(of, line, which);
    let points: readonly Point[];
    if (a === b) {
      const x = bend(Math.min(a, 2), 'begin');
      points = [at(start, from.y), at(x, from.y), at(x, to.y), at(start, to.y)];
    } else if (isFar(line)) {
      const corridor = floor + 12 + corridors.indexOf(line) * 10;
      const [x1, x2] = [bend(first, 'begin'), bend(Math.max(a, b) - 1, 'end')];
      points = [at(start, leftY), at(x1, leftY), at(x1, corridor), at(x2, corridor), at(x2, rightY), at(end, rightY)];
    } else if (Math.abs(leftY - rightY) <= 1) points = [at(start, leftY), at(end, leftY)];
    else {
      const x = bend(first, 'begin');
      points = [at(start, leftY), at(x, leftY), at(x, rightY), at(end, rightY)];
    }
    return { ...line, path: pathOf(a <= b ? points : points.toReversed()), labelAt, marksAt };
  });

  const shownLanes = lanes.map((name, rank) => ({
    lane: name,
    x: laneX(rank),
    y: top,
    width: lane,
    height: floor - top,
  }));
  const height = floor + 8 + (far.length > 0 ? 6 + far.length * 10 : 0);
  return { width, height, lanes: shownLanes, boxes: [...placed.values()], lines: drawn };
}

/** A line needs no bend where the end can be moved to the height of its beginning. */
function straighten(
  ports: ReadonlyMap<Line, { from: Port; to: Port }>,
  placed: ReadonlyMap<string, Frame>,
  left: ReadonlyMap<string, readonly Port[]>,
  isFar: (line: Line) => boolean,
): void {
  for (const [id, of] of left) {
    const box = placed.get(id);
    if (!box) continue;
    for (const [rank, each] of of.entries()) {
      if (isFar(each.line)) continue;
      const pair = ports.get(each.line) ?? never();
      const wanted = (each.end === 'from' ? pair.to : pair.from).y;
      const above = of[rank - 1]?.y ?? box.y;
      const below = of[rank + 1]?.y ?? box.y + box.height;
      if (wanted >= above + 10 && wanted <= below - 10) each.y = wanted;
    }
  }
}

/**
 * Bends of one gutter beside each other, in an order in which few lines cross: of those that lead up, the upper ones turn
 * first; of those that lead down, the lower ones.
 */
class Bends {
  private readonly byGutter = new Map<number, { line: Line; which: string; group: number; order: number }[]>();
  private readonly room: number;

  constructor(room: number) {
    this.room = room;
  }

  add(gutter: number, line: Line, which: 'begin' | 'end', group: number, order: number): void {
    const of = this.byGutter.get(gutter) ?? [];
    of.push({ line, which, group, order });
    of.sort((a, b) => a.group - b.group || a.order - b.order);
    this.byGutter.set(gutter, of);
  }

  /** How far a bend is from the right end of its gutter. */
  offset(gutter: number, line: Line, which: 'begin' | 'end'): number {
    const of = this.byGutter.get(gutter) ?? [];
    const place = of.findIndex((each) => each.line === line && each.which === which);
    return 6 + (of.length - 1 - Math.max(0, place)) * Math.min(9, this.room / Math.max(1, of.length));
  }
}

/** Lanes one below the other; all lines run at the right of the boxes. */
export function narrowLayout(boxes: readonly Box[], lines: readonly Line[]): Layout {
  const width = 360;
  const boxWidth = 206;
  const placed = new Map<string, Box & Frame>();
  const shown: Layout['lanes'][number][] = [];
  const order = new Map<string, number>();
  let y = 0;
  for (const name of lanes) {
    const of = boxes.filter(({ lane }) => lane === name);
    if (of.length === 0) continue;
    y += 22;
    const start = y;
    y += 8;
    for (const box of of) {
      const ends = lines.filter(({ from, to }) => from === box.id || to === box.id).length;
      const height = Math.max(heightOf(box, 0, 0), ends * (2 * doorRadius + 2) + 6);
      order.set(box.id, placed.size);
      placed.set(box.id, { ...box, x: 10, y, width: boxWidth - 12, height });
      y += height + 10;
    }
    shown.push({ lane: name, x: 4, y: start, width: boxWidth, height: y - start });
    y += 6;
  }
  const rank = (id: string): number => order.get(id) ?? 0;
  const ports = new Map<Line, { from: number; to: number }>();
  for (const box of placed.values()) {
    const ends = lines
      .filter(({ from, to }) => from === box.id || to === box.id)
      .toSorted((a, b) => rank(otherOf(a, box.id)) - rank(otherOf(b, box.id)));
    const step = 2 * doorRadius + 2;
    const start = box.y + box.height / 2 - ((ends.length - 1) * step) / 2;
    for (const [index, line] of ends.entries()) {
      const pair = ports.get(line) ?? { from: 0, to: 0 };
      ports.set(line, pair);
      if (line.from === box.id) pair.from = start + index * step;
      else pair.to = start + index * step;
    }
  }
  const edge = 10 + boxWidth - 12;
  const doorX = edge + 8 + doorRadius;
  const railStart = edge + 76;
  // Long lines are outside, so that fewer cross.
  const byLength = lines.toSorted((a, b) => lengthOf(a) - lengthOf(b));
  function lengthOf({ from, to }: Line): number {
    return Math.abs(rank(from) - rank(to));
  }
  const step = Math.min(9, (width - 6 - railStart) / Math.max(1, lines.length - 1));
  const drawn = lines.map((line) => {
    const { from, to } = ports.get(line) ?? never();
    const x = railStart + byLength.indexOf(line) * step;
    return {
      ...line,
      path: pathOf([at(edge, from), at(x, from), at(x, to), at(edge, to)]),
      labelAt: { x: edge + 4, y: from - 4 },
      marksAt: line.marks.map((_, index) => at(doorX + index * (2 * doorRadius + 2), from)),
    };
  });
  return { width, height: y, lanes: shown, boxes: [...placed.values()], lines: drawn };
}

function otherOf({ from, to }: Line, id: string): string {
  return from === id ? to : from;
}

function push(groups: Map<string, Port[]>, id: string, item: Port): void {
  const of = groups.get(id);
  if (of) of.push(item);
  else groups.set(id, [item]);
}

function at(x: number, y: number): Point {
  return { x, y };
}

function pathOf([first, ...further]: readonly Point[]): string {
  if (!first) return '';
  const number = (value: number): string => String(Math.round(value));
  let last = first;
  let path = `M${number(first.x)} ${number(first.y)}`;
  for (const point of further) {
    if (point.y === last.y) path += `H${number(point.x)}`;
    else if (point.x === last.x) path += `V${number(point.y)}`;
    else path += `L${number(point.x)} ${number(point.y)}`;
    last = point;
  }
  return path;
}

function never(): never {
  throw new Error('each line has two ends');
}
