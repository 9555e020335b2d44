import { humanSize } from '../../format/human.ts';
import type { BuildModel, Step } from '../progress/model.ts';
import { seconds } from '../progress/plain.ts';
import { cutTo } from '../progress/screen.ts';
import { type Layout, layoutOf } from './layout.ts';
import { slowestPath } from './slowest-path.ts';

/** Pixels. */
const box = { width: 290, height: 66 };
const gap = { across: 26, down: 40, lane: 12 };
const margin = 28;
const headHeight = 74;

const fills = {
  done: '#e8f1fb',
  cached: '#f1f3f5',
  failed: '#fde8e8',
  cancelled: '#fff4d6',
  running: '#e6f6ec',
  waiting: '#ffffff',
} as const;
const slow = '#d9480f';

/** The graph of a build as an SVG: each step with its time, size and reason; the chain that took longest is marked. */
export function graphSvg(model: BuildModel, title: string): string {
  const steps = [...model.steps.values()].filter(({ vertex }) => vertex.id >= 0);
  steps.sort((a, b) => a.vertex.id - b.vertex.id);
  const layout = layoutOf(
    steps.map(({ vertex }) => vertex),
    { node: box.width, gap: gap.across, lane: gap.lane },
  );
  const slowest = slowestPath(
    steps.map(({ vertex, milliseconds }) => ({ id: vertex.id, inputs: vertex.inputs, milliseconds })),
  );
  const onPath = new Set(slowest.ids);
  const width = Math.max(layout.width, 640) + 2 * margin;
  const height = headHeight + layout.layers * (box.height + gap.down) - gap.down + 2 * margin;
  const shift = margin + Math.max(0, (640 - layout.width) / 2);
  const follows = new Set(slowest.ids.slice(1).map((id, i) => `${slowest.ids[i]} ${id}`));
  const edges = layout.edges.map((edge) =>
    edgePath(layout, edge, { shift, marked: follows.has(`${edge.from} ${edge.to}`) }),
  );
  const longest = Math.max(1, ...steps.map(({ milliseconds }) => milliseconds));
  const boxes = steps.map((step) =>
    boxText(step, layout, { shift, marked: onPath.has(step.vertex.id), longest }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#ffffff"/>
${headText(model, { title, slowest: slowest.milliseconds })}
<g fill="none" stroke="#adb5bd" stroke-width="1.4">
${edges.join('\n')}
</g>
${boxes.join('\n')}
</svg>
`;
}

function headText(
  model: BuildModel,
  { title, slowest }: { readonly title: string; readonly slowest: number },
): string {
  const total = seconds((model.finishedAt ?? 0) - (model.startedAt ?? model.finishedAt ?? 0));
  const steps = [...model.steps.values()].filter(({ vertex }) => vertex.id >= 0);
  const cached = steps.filter(({ outcome }) => outcome === 'cached').length;
  const facts = [model.outcome, `${total} in all`, `${steps.length} steps, ${cached} cached`];
  const legend = (['done', 'cached', 'failed'] as const)
    .map(
      (kind, i) =>
        `<rect x="${margin + i * 82}" y="64" width="12" height="12" rx="2" fill="${fills[kind]}" stroke="#adb5bd"/><text x="${margin + 18 + i * 82}" y="74" font-size="11" fill="#495057">${kind}</text>`,
    )
    .join('');
  const marked =
    slowest === 0
      ? ''
      : `<line x1="${margin + 250}" y1="70" x2="${margin + 278}" y2="70" stroke="${slow}" stroke-width="3"/><text x="${margin + 286}" y="74" font-size="11" fill="#495057">slowest path, ${seconds(slowest)}</text>`;
  return `<text x="${margin}" y="32" font-size="17" font-weight="600" fill="#212529">${escaped(title)}</text>
<text x="${margin}" y="52" fill="#495057">${escaped(facts.join(' · '))}</text>
${legend}${marked}`;
}

const topOf = (layer: number) => headHeight + margin + layer * (box.height + gap.down);

interface EdgeStyle {
  readonly shift: number;
  readonly marked: boolean;
}

/** From the foot of a box to the head of another, straight down past the boxes in between. */
function edgePath(
  layout: Layout,
  { from, to, through }: Layout['edges'][number],
  { shift, marked }: EdgeStyle,
): string {
  const first = layout.layer.get(from)!;
  let x = layout.x.get(from)! + shift;
  let y = topOf(first) + box.height;
  let path = `M${x} ${y}`;
  const curve = (toX: number, toY: number) => {
    const middle = Math.round((y + toY) / 2);
    path += ` C${x} ${middle} ${toX} ${middle} ${toX} ${toY}`;
    [x, y] = [toX, toY];
  };
  through.forEach((each, i) => {
    const top = topOf(first + 1 + i);
    curve(each + shift, top);
    y = top + box.height;
    path += ` V${y}`;
  });
  curve(layout.x.get(to)! + shift, topOf(layout.layer.get(to)!));
  return marked ? `<path d="${path}" stroke="${slow}" stroke-width="3"/>` : `<path d="${path}"/>`;
}

interface BoxStyle extends EdgeStyle {
  readonly longest: number;
}

function boxText(step: Step, layout: Layout, { shift, marked, longest }: BoxStyle): string {
  const { vertex, outcome, milliseconds, bytes } = step;
  const left = layout.x.get(vertex.id)! + shift - box.width / 2;
  const top = topOf(layout.layer.get(vertex.id)!);
  const [, stage = '', what = vertex.name] = /^(\[[^\]]*\]) (.*)$/s.exec(vertex.name) ?? [];
  const size = bytes ? ` · ${humanSize(bytes, 3)}` : '';
  const right =
    outcome === 'cached'
      ? 'cached'
      : outcome === 'waiting'
        ? 'not reached'
        : `${seconds(milliseconds)}${size}`;
  const why = step.error ?? step.reason ?? '';
  const bar = Math.round(((box.width - 2) * milliseconds) / longest);
  const stroke = marked ? `stroke="${slow}" stroke-width="2.5"` : 'stroke="#adb5bd"';
  const dashes = outcome === 'waiting' ? ' stroke-dasharray="4 3"' : '';
  const text = (x: number, y: number, { shown, style }: { shown: string; style: string }) =>
    `<text x="${x}" y="${top + y}" ${style}>${escaped(shown)}</text>`;
  return [
    `<g><title>${escaped([vertex.name, right, why].filter((each) => each !== '').join('\n'))}</title>`,
    `<rect x="${left}" y="${top}" width="${box.width}" height="${box.height}" rx="6" fill="${fills[outcome]}" ${stroke}${dashes}/>`,
    ...(bar > 1 && outcome !== 'cached'
      ? [
          `<rect x="${left + 1}" y="${top + box.height - 5}" width="${bar}" height="4" rx="2" fill="${marked ? slow : '#74a9d8'}"/>`,
        ]
      : []),
    text(left + 10, 17, { shown: cutTo(stage, 22), style: 'font-size="10.5" fill="#868e96"' }),
    text(left + box.width - 10, 17, {
      shown: right,
      style: `font-size="10.5" text-anchor="end" fill="${marked ? slow : '#495057'}"`,
    }),
    text(left + 10, 35, {
      shown: cutTo(what, 38),
      style: 'font-weight="600" font-size="11.5" fill="#212529"',
    }),
    ...(why === ''
      ? []
      : [
          text(left + 10, 52, {
            shown: cutTo(why, 46),
            style: `font-size="10.5" fill="${outcome === 'failed' ? '#c92a2a' : '#495057'}"`,
          }),
        ]),
    '</g>',
  ].join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML: also without the characters that XML cannot have. */
const escaped = (text: string): string =>
  text
    .replace(
      /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '\ufffd',
    )
    .replace(/[&<>"]/g, (each) => entities[each]!);
