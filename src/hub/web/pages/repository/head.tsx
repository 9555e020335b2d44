import type { Repository } from '../../../api/index.ts';
import { setStar } from '../../client/calls.ts';
import { useAction } from '../../client/use-data.ts';
import { countText, exactText } from '../../format.ts';
import { Icon } from '../../parts/icons.tsx';
import { Tabs } from '../../parts/lists.tsx';
import { RepositoryName, VisibilityBadge } from '../../parts/text.tsx';
import { navigate } from '../../router/navigation.ts';
import { links, type RepositoryTab } from '../../router/place.ts';
import { useSession } from '../../session.tsx';
import { Avatar } from '../../shell.tsx';

export function RepositoryHead({
  repository,
  tab,
  reload,
}: {
  readonly repository: Repository;
  readonly tab: RepositoryTab;
  readonly reload: () => void;
}) {
  const { name } = repository;
  return (
    <>
      <div class="page-head repository-head">
        <Avatar name={name.slice(name.lastIndexOf('/') + 1)} isLarge />
        <div class="page-head-text">
          <h1>
            <RepositoryName name={name} />
          </h1>
          <p class="page-head-note">
            <VisibilityBadge visibility={repository.visibility} />
            {repository.description !== '' && <span>{repository.description}</span>}
          </p>
        </div>
        <Star repository={repository} reload={reload} />
      </div>
      <Tabs
        label="Repository"
        tabs={[
          {
            href: links.repository(name),
            label: 'Overview',
            icon: 'book',
            isCurrent: tab === 'overview',
          },
          {
            href: links.repository(name, 'tags'),
            label: 'Tags',
            icon: 'tag',
            isCurrent: tab === 'tags',
            count: repository.tags,
          },
          ...(repository.level !== 'read'
            ? [
                {
                  href: links.repository(name, 'settings'),
                  label: 'Settings',
                  icon: 'gear' as const,
                  isCurrent: tab === 'settings',
                },
              ]
            : []),
        ]}
      />
    </>
  );
}

function Star({ repository, reload }: { readonly repository: Repository; readonly reload: () => void }) {
  const { user } = useSession();
  const star = useAction(async () => {
    await setStar(repository.name, !repository.isStarred);
    reload();
  });
  const { isStarred, stars } = repository;
  return (
    <button
      type="button"
      class={`button button-plain star${isStarred ? ' is-on' : ''}`}
      aria-pressed={isStarred}
      title={star.failure?.message ?? `${exactText(stars)} stars`}
      onClick={() => {
        if (user === undefined) navigate(links.signIn(links.repository(repository.name)));
        else void star.run();
      }}
    >
      <Icon name="star" isFilled={isStarred} />
      <span>{isStarred ? 'Starred' : 'Star'}</span>
      <span class="star-count number">{countText(stars)}</span>
    </button>
  );
}
