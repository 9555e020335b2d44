import type { Repository } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { type Loaded, useData } from '../../client/use-data.ts';
import { lazy } from '../../lazy.tsx';
import { Failed, Skeleton } from '../../parts/feedback.tsx';
import type { RepositoryTab } from '../../router/place.ts';
import { useTitle } from '../../session.tsx';
import { MissingPage } from '../missing.tsx';
import { RepositoryHead } from './head.tsx';
import { OverviewTab } from './overview.tsx';
import { TagsTab } from './tags.tsx';

const RepositorySettings = lazy(() =>
  import('./settings/settings.tsx').then((module) => module.RepositorySettings),
);

export function RepositoryPage({ name, tab }: { readonly name: string; readonly tab: RepositoryTab }) {
  const found = useData(at.repository(name), { keep: true });
  return (
    <RepositoryFrame found={found} name={name} tab={tab}>
      {(repository) => <RepositoryPart repository={repository} tab={tab} reload={found.reload} />}
    </RepositoryFrame>
  );
}

/** Head and tabs of a repository; what is not there and what may not be seen is one page. */
export function RepositoryFrame({
  found,
  name,
  tab,
  children,
}: {
  readonly found: Loaded<Repository>;
  readonly name: string;
  readonly tab: RepositoryTab;
  readonly children: (repository: Repository) => preact.ComponentChildren;
}) {
  useTitle(found.failure?.status === 404 ? 'Not found' : name);
  if (found.failure?.status === 404) return <MissingPage />;
  if (found.failure !== undefined) return <Failed failure={found.failure} retry={found.reload} />;
  if (found.data === undefined) return <Skeleton rows={6} />;
  const isSettings = tab === 'settings';
  if (isSettings && found.data.level === 'read') return <MissingPage />;
  return (
    <>
      <RepositoryHead repository={found.data} tab={tab} reload={found.reload} />
      {children(found.data)}
    </>
  );
}

function RepositoryPart({
  repository,
  tab,
  reload,
}: {
  readonly repository: Repository;
  readonly tab: RepositoryTab;
  readonly reload: () => void;
}) {
  switch (tab) {
    case 'overview':
      return <OverviewTab repository={repository} />;
    case 'tags':
      return <TagsTab repository={repository} reload={reload} />;
    case 'settings':
      return <RepositorySettings repository={repository} reload={reload} />;
  }
}
