import type { ComponentChildren } from 'preact';
import type { ManifestDetail } from '../../../api/index.ts';
import { Card } from '../../parts/lists.tsx';
import { Day } from '../../parts/text.tsx';

type ImageConfig = NonNullable<ManifestDetail['config']>;

/** What a container of the image starts with. */
export const Config = ({ config }: { readonly config: ImageConfig }) => (
  <Card title="Config">
    <dl class="details details-wide">
      {config.created !== undefined && (
        <Detail name="Made">
          <Day time={config.created} />
        </Detail>
      )}
      {config.author !== undefined && config.author !== '' && <Detail name="Author">{config.author}</Detail>}
      <Words name="Entrypoint" words={config.entrypoint} />
      <Words name="Command" words={config.command} />
      {config.workingDirectory !== undefined && config.workingDirectory !== '' && (
        <Detail name="Directory">
          <code>{config.workingDirectory}</code>
        </Detail>
      )}
      <Detail name="User">
        <code>{config.user || 'root'}</code>
      </Detail>
      <Several name="Ports" values={config.ports} />
      <Several name="Volumes" values={config.volumes} />
      <Several name="Environment" values={config.environment} />
    </dl>
    {Object.keys(config.labels).length > 0 && (
      <>
        <h3 class="details-title">Labels</h3>
        <Pairs pairs={config.labels} />
      </>
    )}
  </Card>
);

const Detail = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Words = ({ name, words }: { readonly name: string; readonly words: readonly string[] | undefined }) =>
  words === undefined || words.length === 0 ? null : (
    <Detail name={name}>
      <code>{JSON.stringify(words)}</code>
    </Detail>
  );

const Several = ({ name, values }: { readonly name: string; readonly values: readonly string[] }) =>
  values.length === 0 ? null : (
    <Detail name={name}>
      {values.map((value) => (
        <code key={value} class="detail-line">
          {value}
        </code>
      ))}
    </Detail>
  );

/** Names and values that images carry. */
export const Pairs = ({ pairs }: { readonly pairs: Readonly<Record<string, string>> }) => (
  <dl class="details details-wide">
    {Object.entries(pairs).map(([name, value]) => (
      <div key={name}>
        <dt>
          <code>{name}</code>
        </dt>
        <dd>
          <code>{value}</code>
        </dd>
      </div>
    ))}
  </dl>
);
