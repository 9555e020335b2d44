import type { PullDay, Repository } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { exactText, many } from '../../format.ts';
import { ButtonLink } from '../../parts/button.tsx';
import { Command } from '../../parts/copy.tsx';
import { Empty } from '../../parts/feedback.tsx';
import { Card } from '../../parts/lists.tsx';
import { Markdown } from '../../parts/markdown.tsx';
import { PushCommands } from '../../parts/push-commands.tsx';
import { Ago, Bytes, Day } from '../../parts/text.tsx';
import { links } from '../../router/place.ts';
import { useHubAddress } from '../../session.tsx';

export const OverviewTab = ({ repository }: { readonly repository: Repository }) => (
  <div class="columns columns-wide">
    <div class="stack">
      {repository.tags === 0 && repository.overview === '' ? (
        <Card>
          <FirstPush repository={repository} />
        </Card>
      ) : (
        <Card>
          <Readme repository={repository} />
        </Card>
      )}
    </div>
    <aside class="stack" aria-label="About">
      <Pull repository={repository} />
      <Facts repository={repository} />
    </aside>
  </div>
);

function Readme({ repository }: { readonly repository: Repository }) {
  if (repository.overviewHtml !== '') return <Markdown html={repository.overviewHtml} />;
  return (
    <Empty icon="book" title="There is no overview">
      {repository.level !== 'read' && (
        <>
          <p>Say what the image is, how to run it, and which tags there are.</p>
          <div class="actions actions-centre">
            <ButtonLink icon="pencil" href={links.repository(repository.name, 'settings')}>
              Write one
            </ButtonLink>
          </div>
        </>
      )}
    </Empty>
  );
}

const FirstPush = ({ repository }: { readonly repository: Repository }) => (
  <Empty icon="box" title="There is no image here yet">
    {(repository.level === 'write' || repository.level === 'admin') && (
      <>
        <p>Push one:</p>
        <PushCommands name={repository.name} hasLogin />
      </>
    )}
  </Empty>
);

function Pull({ repository }: { readonly repository: Repository }) {
  const address = useHubAddress();
  if (repository.tags === 0) return null;
  return (
    <Card title="Pull">
      <Command label="Pull command" text={`docker pull ${address}/${repository.name}`} />
    </Card>
  );
}

function Facts({ repository }: { readonly repository: Repository }) {
  const pulls = useData(at.pulls(repository.name));
  return (
    <Card title="About">
      <dl class="details">
        <div>
          <dt>Size</dt>
          <dd>
            <Bytes bytes={repository.bytes} />
          </dd>
        </div>
        <div>
          <dt>Pulls</dt>
          <dd>{exactText(repository.pulls)}</dd>
        </div>
        <div>
          <dt>Updated</dt>
          <dd>
            <Ago time={repository.updatedAt} />
          </dd>
        </div>
        <div>
          <dt>Made</dt>
          <dd>
            <Day time={repository.createdAt} />
          </dd>
        </div>
        {repository.pulledAt !== undefined && (
          <div>
            <dt>Last pull</dt>
            <dd>
              <Ago time={repository.pulledAt} />
            </dd>
          </div>
        )}
      </dl>
      <Pulls days={pulls.data ?? []} />
    </Card>
  );
}

const days = 30;

/** A column for each of the last thirty days. */
function Pulls({ days: given }: { readonly days: readonly PullDay[] }) {
  const byDay = new Map(given.map(({ day, pulls }) => [day, pulls]));
  const columns = Array.from({ length: days }, (_, index) => {
    const day = new Date(Date.now() - (days - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return { day, pulls: byDay.get(day) ?? 0 };
  });
  const most = Math.max(1, ...columns.map(({ pulls }) => pulls));
  const total = columns.reduce((sum, { pulls }) => sum + pulls, 0);
  if (total === 0) return null;
  return (
    <figure class="pulls">
      <svg viewBox={`0 0 ${days * 10} 48`} preserveAspectRatio="none" aria-hidden="true">
        {columns.map(({ day, pulls }, index) => {
          const height = pulls === 0 ? 2 : Math.max(4, (pulls / most) * 48);
          return (
            <rect
              key={day}
              class={pulls === 0 ? 'pulls-none' : 'pulls-some'}
              x={index * 10 + 1}
              y={48 - height}
              width="8"
              height={height}
            >
              <title>{`${day}: ${many(pulls, 'pull')}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>{many(total, 'pull')} in 30 days</figcaption>
    </figure>
  );
}
