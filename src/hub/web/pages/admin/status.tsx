import type { ComponentChildren } from 'preact';
import type { Collected, Status } from '../../../api/index.ts';
import { at, collect } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { bytesText, exactText, many } from '../../format.ts';
import { Button } from '../../parts/button.tsx';
import { Notice, Shown } from '../../parts/feedback.tsx';
import { Card } from '../../parts/lists.tsx';
import { Ago } from '../../parts/text.tsx';

export function StatusPart() {
  const status = useData(at.status);
  return (
    <Shown of={status} rows={2} kind="block">
      {(data) => (
        <div class="stack">
          {data.badBlobs > 0 && (
            <Notice tone="bad">
              <p>
                {many(data.badBlobs, 'blob')} on the disk {data.badBlobs === 1 ? 'is' : 'are'} not what{' '}
                {data.badBlobs === 1 ? 'its' : 'their'} digest says. Look into the disk, and push those images
                again.
              </p>
            </Notice>
          )}
          <Numbers status={data} />
          <CollectionCard last={data.lastCollection} reload={status.reload} />
        </div>
      )}
    </Shown>
  );
}

const Numbers = ({ status }: { readonly status: Status }) => (
  <dl class="numbers">
    <Figure name="Accounts">{exactText(status.accounts)}</Figure>
    <Figure name="Repositories">{exactText(status.repositories)}</Figure>
    <Figure name="Manifests">{exactText(status.manifests)}</Figure>
    <Figure name="Blobs">{exactText(status.blobs)}</Figure>
    <Figure name="Storage">{bytesText(status.bytes)}</Figure>
    <Figure name="Version">{status.version}</Figure>
    <Figure name="Started">
      <Ago time={status.startedAt} />
    </Figure>
  </dl>
);

const Figure = ({ name, children }: { readonly name: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function CollectionCard({
  last,
  reload,
}: {
  readonly last: Collected | undefined;
  readonly reload: () => void;
}) {
  const run = useAction(async () => {
    await collect();
    reload();
  });
  return (
    <Card title="Collection">
      <div class="danger-row">
        <div class="prose muted">
          <p>Deletes what no image refers to, while pushes and pulls go on. It also runs by itself.</p>
          {last === undefined ? <p>It has not run yet.</p> : <Last last={last} />}
        </div>
        <Button isBusy={run.isBusy} onClick={() => void run.run()}>
          Collect now
        </Button>
      </div>
      {run.failure !== undefined && <Notice tone="bad">{run.failure.message}</Notice>}
    </Card>
  );
}

const Last = ({ last }: { readonly last: Collected }) => (
  <p>
    Last <Ago time={last.at} />, in {exactText(Math.round(last.milliseconds))} ms: {many(last.blobs, 'blob')}{' '}
    ({bytesText(last.bytes)}), {many(last.manifests, 'manifest')}, {many(last.links, 'link')} and{' '}
    {many(last.uploads, 'upload')} went.
  </p>
);
