import type { Layer } from '../../../api/index.ts';
import { bytesText, commandText, many } from '../../format.ts';
import { Card } from '../../parts/lists.tsx';
import { Bytes, DigestText } from '../../parts/text.tsx';
import { Bar } from '../../parts/usage-bars.tsx';

const tones = 6;

/** The image as one bar of its layers, and each with the command that made it. */
export function Layers({ layers }: { readonly layers: readonly Layer[] }) {
  const real = layers.filter(({ digest }) => digest !== undefined);
  const total = real.reduce((sum, { size }) => sum + size, 0);
  const largest = Math.max(1, ...real.map(({ size }) => size));
  return (
    <Card
      title="Layers"
      aside={
        <span class="muted">
          {many(real.length, 'layer')}, {bytesText(total)}
        </span>
      }
    >
      <Whole layers={real} total={total} />
      <ol class="layers">
        {layers.map((layer, index) => (
          <li key={index} class={layer.digest === undefined ? 'layer layer-none' : 'layer'}>
            <code class="layer-command">
              {layer.command === undefined ? 'No command is known' : commandText(layer.command)}
            </code>
            {layer.digest !== undefined && (
              <div class="layer-facts">
                <Bytes bytes={layer.size} />
                <Bar value={layer.size / largest} tone={toneOf(real.indexOf(layer))} />
                <DigestText digest={layer.digest} />
              </div>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

const toneOf = (index: number) => `tone-${index % tones}`;

function Whole({ layers, total }: { readonly layers: readonly Layer[]; readonly total: number }) {
  if (total === 0) return null;
  let at = 0;
  return (
    <svg
      class="layers-whole"
      viewBox="0 0 1000 20"
      preserveAspectRatio="none"
      role="img"
      aria-label="Shares of the layers"
    >
      {layers.map((layer, index) => {
        const x = at;
        const width = (layer.size / total) * 1000;
        at += width;
        return (
          <rect
            key={index}
            class={`fill-${toneOf(index)}`}
            x={x}
            width={Math.max(0, width - 1.5)}
            height="20"
          >
            <title>{`${bytesText(layer.size)}: ${layer.command === undefined ? 'a layer' : commandText(layer.command)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
