/* Boxes in columns from left to right, and arrows that lead from a column to one further right. */

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Arrow {
  readonly from: number;
  readonly to: number;
  /** How much room its mark needs behind the box that it begins at; 0 without one. */
  readonly mark: number;
}

export interface Sizes {
  /** The column of each box. */
  readonly columns: readonly number[];
  readonly boxWidth: number;
  /** How high each box is for its words. */
  readonly heights: readonly number[];
}

export interface Layered {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly (Point & { readonly height: number })[];
  readonly arrows: readonly {
    readonly path: string;
    /** Its head points to the right here. */
    readonly end: Point;
    /** Where its mark begins. */
    readonly markAt: Point;
  }[];
}

const margin = 6;
/** Between the marks of a gap and the next column. */
const bendWidth = 36;
/** Between the ends of arrows at a box. */
const portStep = 12;
const markedPortStep = 22;
/** Between what stands below each other in a column. */
const gap = 16;
const gapOfLines = 9;
const headLength = 7;
const sweeps = 12;

/** The first column that each box may have: behind all that lead to it. No arrow leads back. */
export function columnsOf(boxes: number, arrows: readonly Pick<Arrow, 'from' | 'to'>[]): readonly number[] {
  const columns: number[] = Array.from({ length: boxes }, () => 0);
  // As often as the longest way has steps.
  for (let isMoved = true, round = 0; isMoved && round < boxes; round++) {
    isMoved = false;
    for (const { from, to } of arrows) {
      const behind = (columns[from] ?? 0) + 1;
      if ((columns[to] ?? 0) >= behind) continue;
      columns[to] = behind;
      isMoved = true;
    }
  }
  return columns;
}

/** A box in its column, or an arrow that passes through it. */
interface Item {
  readonly box?: number;
  readonly column: number;
  height: number;
  /** Its middle. */
  y: number;
  readonly before: Item[];
  readonly after: Item[];
}

export function layered({ columns, boxWidth, heights }: Sizes, arrows: readonly Arrow[]): Layered {
  const boxes = columns.map((column, box): Item => ({ box, column, height: 0, y: 0, before: [], after: [] }));
  const lines = arrows.map((arrow) => lineOf(arrow, boxes));
  const stepsOf = boxes.map((_, box) =>
    arrows.some(({ from, mark }) => from === box && mark > 0) ? markedPortStep : portStep,
  );
  for (const [box, item] of boxes.entries())
    item.height = Math.max(
      heights[box] ?? 0,
      item.after.length * (stepsOf[box] ?? portStep) + 6,
      item.before.length * portStep + 6,
    );
  const ordered = inOrder(boxes, lines);
  place(ordered);
  const top = Math.min(...ordered.flat().map(({ y, height }) => y - height / 2));
  for (const item of ordered.flat()) item.y += margin - top;

  const marks = ordered.map((_, column) =>
    Math.max(0, ...arrows.filter(({ from }) => columns[from] === column).map(({ mark }) => mark)),
  );
  const lefts: number[] = [];
  let x = margin;
  for (const [column, mark] of marks.entries()) {
    lefts.push(x);
    x += boxWidth + (column === marks.length - 1 ? margin : mark + bendWidth);
  }
  const left = (column: number): number => lefts[column] ?? 0;
  const starts = portsOf(lines, boxes, 'after', (box) => stepsOf[box] ?? portStep);
  const ends = portsOf(lines, boxes, 'before', () => portStep);
  const drawn = lines.map((line, index) => {
    const [begin, finish] = [starts[index] ?? 0, ends[index] ?? 0];
    const first = line[0] ?? never();
    const from = { x: left(first.column) + boxWidth, y: begin };
    const path = [`M${number(from.x)} ${number(from.y)}`];
    let at = from;
    for (const item of line.slice(1)) {
      const isEnd = item.box !== undefined;
      const to = { x: left(item.column) - (isEnd ? headLength : 0), y: isEnd ? finish : item.y };
      path.push(bend(at, to, marks[item.column - 1] ?? 0));
      if (!isEnd) path.push(`H${number(to.x + boxWidth)}`);
      at = isEnd ? to : { x: to.x + boxWidth, y: to.y };
    }
    return { path: path.join(''), end: { x: at.x + headLength, y: at.y }, markAt: from };
  });
  return {
    width: x,
    height: margin + Math.max(...ordered.flat().map(({ y, height }) => y + height / 2)),
    boxes: boxes.map(({ column, y, height }) => ({ x: left(column), y: y - height / 2, height })),
    arrows: drawn,
  };
}

/** What an arrow goes through, its boxes first and last; they know of each other then. */
function lineOf({ from, to }: Arrow, boxes: readonly Item[]): readonly Item[] {
  const [first, last] = [boxes[from] ?? never(), boxes[to] ?? never()];
  const between = Array.from({ length: last.column - first.column - 1 }, (_, index): Item => {
    return { column: first.column + 1 + index, height: 4, y: 0, before: [], after: [] };
  });
  const line = [first, ...between, last];
  for (const [index, item] of line.entries()) {
    const next = line[index + 1];
    if (!next) continue;
    item.after.push(next);
    next.before.push(item);
  }
  return line;
}

/** The columns, each in an order in which few arrows cross: by the middle of what is before or behind, in turns. */
function inOrder(boxes: readonly Item[], lines: readonly (readonly Item[])[]): readonly Item[][] {
  const amount = Math.max(...boxes.map(({ column }) => column)) + 1;
  let columns = Array.from({ length: amount }, (_, column): Item[] => [
    ...boxes.filter((each) => each.column === column),
    ...lines.flatMap((line) => line.filter((each) => each.box === undefined && each.column === column)),
  ]);
  let best = columns;
  let fewest = crossings(columns);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    columns = columns.map((items) => items.slice());
    const isForth = sweep % 2 === 0;
    const range = columns.map((_, index) => (isForth ? index : amount - 1 - index));
    for (const column of range) {
      const places = placesIn(columns);
      const items = columns[column] ?? [];
      const wanted = new Map(
        items.map((item, index) => {
          const others = isForth ? item.before : item.after;
          return [item, others.length === 0 ? index : mean(others.map((other) => places.get(other) ?? 0))];
        }),
      );
      items.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    }
    const crossed = crossings(columns);
    if (crossed >= fewest) continue;
    fewest = crossed;
    best = columns;
  }
  return best;
}

function placesIn(columns: readonly (readonly Item[])[]): ReadonlyMap<Item, number> {
  return new Map(columns.flatMap((items) => items.map((item, index) => [item, index] as const)));
}

function crossings(columns: readonly (readonly Item[])[]): number {
  const places = placesIn(columns);
  let amount = 0;
  for (const items of columns) {
    const ends = items.map((item) => item.after.map((next) => places.get(next) ?? 0));
    for (const [index, of] of ends.entries())
      for (const below of ends.slice(index + 1)) for (const a of of) for (const b of below) if (a > b) amount++;
  }
  return amount;
}

/** Gives all a height in their column, as near as there is room to what they lead to and come from. */
function place(columns: readonly (readonly Item[])[]): void {
  for (const items of columns) settle(items, () => 0);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const isForth = sweep % 2 === 0;
    for (const items of isForth ? columns : columns.toReversed())
      settle(items, (item) => {
        const others = sweep >= sweeps - 2 ? [...item.before, ...item.after] : isForth ? item.before : item.after;
        return others.length === 0 ? item.y : mean(others.map(({ y }) => y));
      });
  }
}

/** Moves the items of a column to where each wants to be, or as near to it as its neighbours let it (least squares). */
function settle(items: readonly Item[], wanted: (item: Item) => number): void {
  const offsets: number[] = [];
  let offset = 0;
  for (const [index, item] of items.entries()) {
    const above = items[index - 1];
    if (above)
      offset +=
        (above.height + item.height) / 2 + (above.box === undefined && item.box === undefined ? gapOfLines : gap);
    offsets.push(offset);
  }
  // Those that get in each other's way move as one.
  const blocks: { sum: number; amount: number }[] = [];
  for (const [index, item] of items.entries()) {
    let block = { sum: wanted(item) - (offsets[index] ?? 0), amount: 1 };
    for (
      let above = blocks.at(-1);
      above && above.sum / above.amount > block.sum / block.amount;
      above = blocks.at(-1)
    ) {
      block = { sum: block.sum + above.sum, amount: block.amount + above.amount };
      blocks.pop();
    }
    blocks.push(block);
  }
  const shifts = blocks.flatMap(({ sum, amount }) => Array.from({ length: amount }, () => sum / amount));
  for (const [index, item] of items.entries()) item.y = (shifts[index] ?? 0) + (offsets[index] ?? 0);
}

/** At which height each arrow begins or ends at its box: in the order of what is at its other end. */
function portsOf(
  lines: readonly (readonly Item[])[],
  boxes: readonly Item[],
  side: 'before' | 'after',
  stepOf: (box: number) => number,
): readonly number[] {
  const ports: number[] = [];
  for (const [index, box] of boxes.entries()) {
    const own = lines.flatMap((line, number) => {
      const next = side === 'after' ? line[1] : line.at(-2);
      return next && (side === 'after' ? line[0] : line.at(-1)) === box ? [{ number, y: next.y }] : [];
    });
    own.sort((a, b) => a.y - b.y);
    const step = stepOf(index);
    for (const [rank, { number }] of own.entries()) ports[number] = box.y + (rank - (own.length - 1) / 2) * step;
  }
  return ports;
}

/** From a column to the next: first straight past the marks, then over to the other height. */
function bend(from: Point, to: Point, mark: number): string {
  if (Math.abs(from.y - to.y) < 0.5) return `H${number(to.x)}`;
  const start = from.x + mark;
  const middle = number((start + to.x) / 2);
  return `${mark > 0 ? `H${number(start)}` : ''}C${middle} ${number(from.y)} ${middle} ${number(to.y)} ${number(to.x)} ${number(to.y)}`;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function number(value: number): string {
  return String(Math.round(value));
}

function never(): never {
  throw new Error('each arrow has two ends');
}
