/** A node to place: its inputs stand above it. */
export interface GraphNode {
  readonly id: number;
  readonly inputs: readonly number[];
}

/** Where things stand: nodes by their centre's x and their layer from 0, edges by the x at each layer they pass. */
export interface Layout {
  readonly x: ReadonlyMap<number, number>;
  readonly layer: ReadonlyMap<number, number>;
  readonly layers: number;
  readonly edges: readonly Edge[];
  readonly width: number;
}

export interface Edge {
  readonly from: number;
  readonly to: number;
  /** Of the layers strictly between its ends, from above. */
  readonly through: readonly number[];
}

export interface Sizes {
  readonly node: number;
  readonly gap: number;
  /** Room for an edge that passes between nodes. */
  readonly lane: number;
}

/** A node, or where an edge passes a layer. */
interface Place {
  readonly width: number;
  x: number;
  readonly above: Place[];
  readonly below: Place[];
}

const sweeps = 12;

/**
 * Places a graph without cycles in layers: each node as high as its inputs let it, crossings lessened by ordering each
 * layer by its neighbours' means, and x such that edges are straight where they can be.
 *
 * @see Sugiyama, Tagawa, Toda: Methods for visual understanding of hierarchical system structures (1981)
 */
export function layoutOf(nodes: readonly GraphNode[], sizes: Sizes): Layout {
  const layer = layersOf(nodes);
  const rows: Place[][] = [];
  const place = (at: number, width: number): Place => {
    const made = { width, x: 0, above: [], below: [] };
    rows[at] ??= [];
    rows[at].push(made);
    return made;
  };
  const placeOf = new Map<number, Place>();
  const routes: { from: number; to: number; places: Place[] }[] = [];
  for (const { id } of ordered(nodes, layer)) placeOf.set(id, place(layer.get(id)!, sizes.node));
  for (const { id, inputs } of nodes) {
    for (const input of new Set(inputs)) {
      if (!placeOf.has(input)) continue;
      const places: Place[] = [];
      let last = placeOf.get(input)!;
      for (let at = layer.get(input)! + 1; at < layer.get(id)!; at++) {
        const lane = place(at, sizes.lane);
        join(last, lane);
        places.push(lane);
        last = lane;
      }
      join(last, placeOf.get(id)!);
      routes.push({ from: input, to: id, places });
    }
  }
  order(rows);
  settle(rows, sizes.gap);
  if (rows.length === 0) return { layer, layers: 0, x: new Map(), edges: [], width: 0 };
  const left = Math.min(...rows.flat().map(({ x, width }) => x - width / 2));
  return {
    layer,
    layers: rows.length,
    x: new Map([...placeOf].map(([id, { x }]) => [id, Math.round(x - left)])),
    edges: routes.map(({ from, to, places }) => ({
      from,
      to,
      through: places.map(({ x }) => Math.round(x - left)),
    })),
    width: Math.round(Math.max(0, ...rows.flat().map(({ x, width }) => x + width / 2)) - left),
  };
}

const join = (above: Place, below: Place): void => {
  above.below.push(below);
  below.above.push(above);
};

/** The longest way from a node without inputs. What is only needed late stands just above what needs it. */
function layersOf(nodes: readonly GraphNode[]): Map<number, number> {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const layer = new Map<number, number>();
  // inputs are earlier ones: one pass from the front finds depths, one from the back pulls sources down
  for (const { id, inputs } of nodes) {
    layer.set(
      id,
      Math.max(-1, ...inputs.filter((each) => known.has(each)).map((each) => layer.get(each) ?? 0)) + 1,
    );
  }
  for (const { id, inputs } of [...nodes].reverse()) {
    if (inputs.some((each) => known.has(each))) continue;
    const users = nodes.filter((other) => other.inputs.includes(id));
    if (users.length > 0) layer.set(id, Math.min(...users.map((user) => layer.get(user.id)!)) - 1);
  }
  return layer;
}

/** Nodes in the order of a walk from the last one up, so that what belongs together begins side by side. */
function ordered(nodes: readonly GraphNode[], layer: ReadonlyMap<number, number>): readonly GraphNode[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const seen = new Set<number>();
  const walked: GraphNode[] = [];
  const ends = [...nodes].sort((a, b) => layer.get(b.id)! - layer.get(a.id)!);
  for (const end of ends) {
    const waiting = [end];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node.id)) continue;
      seen.add(node.id);
      walked.push(node);
      for (const input of [...node.inputs].reverse()) {
        const found = byId.get(input);
        if (found !== undefined) waiting.push(found);
      }
    }
  }
  return walked;
}

function order(rows: Place[][]): void {
  let best = rows.map((row) => [...row]);
  let fewest = crossings(rows);
  for (let sweep = 0; sweep < sweeps && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    const positions = new Map<Place, number>();
    const number = (row: Place[]) => {
      row.forEach((each, i) => void positions.set(each, i));
    };
    rows.forEach(number);
    for (const row of down ? rows : [...rows].reverse()) {
      const mean = (each: Place): number => {
        const near = down ? each.above : each.below;
        if (near.length === 0) return positions.get(each)!;
        return near.reduce((sum, other) => sum + positions.get(other)!, 0) / near.length;
      };
      const means = new Map(row.map((each) => [each, mean(each)]));
      row.sort((a, b) => means.get(a)! - means.get(b)!);
      number(row);
    }
    const now = crossings(rows);
    if (now < fewest) {
      fewest = now;
      best = rows.map((row) => [...row]);
    }
  }
  best.forEach((row, i) => {
    rows[i] = row;
  });
}

function crossings(rows: readonly Place[][]): number {
  let count = 0;
  rows.forEach((row, at) => {
    const next = new Map((rows[at + 1] ?? []).map((each, i) => [each, i]));
    const ends = row.flatMap(({ below }) => below.map((each) => next.get(each) ?? 0).sort((a, b) => a - b));
    for (let i = 0; i < ends.length; i++)
      for (let j = i + 1; j < ends.length; j++) if (ends[i]! > ends[j]!) count++;
  });
  return count;
}

/** Gives each place the mean of its neighbours' x, as nearly as its row's order and widths let it. */
function settle(rows: readonly Place[][], gap: number): void {
  for (const row of rows) {
    let x = 0;
    for (const each of row) {
      each.x = x + each.width / 2;
      x += each.width + gap;
    }
  }
  for (let sweep = 0; sweep < sweeps * 2; sweep++) {
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) spread(row, row.map(wantedX), gap);
  }
  const chains = chainsOf(rows);
  for (let sweep = 0; sweep < sweeps * 2; sweep++) {
    const straight = new Map<Place, number>();
    for (const chain of chains) {
      const mean = chain.reduce((sum, { x }) => sum + x, 0) / chain.length;
      for (const each of chain) straight.set(each, mean);
    }
    for (const row of rows)
      spread(
        row,
        row.map((each) => straight.get(each) ?? each.x),
        gap,
      );
  }
}

function wantedX({ x, above, below }: Place): number {
  const near = [...above, ...below];
  return near.length === 0 ? x : near.reduce((sum, other) => sum + other.x, 0) / near.length;
}

/** Places that follow one another and have no other neighbours: they stand on one line. */
function chainsOf(rows: readonly Place[][]): readonly Place[][] {
  const chains = new Map<Place, Place[]>();
  for (const each of rows.flat()) {
    const [above] = each.above;
    const follows = above !== undefined && each.above.length === 1 && above.below.length === 1;
    const chain = follows ? chains.get(above)! : [];
    chain.push(each);
    chains.set(each, chain);
  }
  return [...new Set(chains.values())].filter(({ length }) => length > 1);
}

/** The nearest x to those wanted, by least squares, that keep the order and the distances: pooling adjacent violators. */
function spread(row: readonly Place[], wanted: readonly number[], gap: number): void {
  const offsets: number[] = [];
  row.forEach((each, i) => {
    const before = row[i - 1];
    offsets.push(before === undefined ? 0 : offsets[i - 1]! + (before.width + each.width) / 2 + gap);
  });
  const blocks: { sum: number; count: number }[] = [];
  wanted.forEach((x, i) => {
    blocks.push({ sum: x - offsets[i]!, count: 1 });
    for (
      let last = blocks.at(-1)!, before = blocks.at(-2);
      before !== undefined;
      last = before, before = blocks.at(-2)
    ) {
      if (before.sum / before.count <= last.sum / last.count) break;
      blocks.pop();
      before.sum += last.sum;
      before.count += last.count;
    }
  });
  let i = 0;
  for (const { sum, count } of blocks) {
    for (let left = count; left > 0; left--, i++) row[i]!.x = sum / count + offsets[i]!;
  }
}
