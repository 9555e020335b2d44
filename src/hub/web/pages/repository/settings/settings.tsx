import type { Repository } from '../../../../api/index.ts';
import { dropRepository } from '../../../client/calls.ts';
import { useAction } from '../../../client/use-data.ts';
import { bytesText, many } from '../../../format.ts';
import { ConfirmButton } from '../../../parts/dialog.tsx';
import { Card } from '../../../parts/lists.tsx';
import { navigate } from '../../../router/navigation.ts';
import { links } from '../../../router/place.ts';
import { Description } from './description.tsx';
import { Grants } from './grants.tsx';
import { ImmutableTags } from './immutable-tags.tsx';
import { VisibilityCard } from './visibility.tsx';

/** For those who may push: its words. For those who may do all: the rest. */
export const RepositorySettings = ({
  repository,
  reload,
}: {
  readonly repository: Repository;
  readonly reload: () => void;
}) => (
  <div class="stack">
    <Description repository={repository} reload={reload} />
    {repository.level === 'admin' && (
      <>
        <VisibilityCard repository={repository} reload={reload} />
        <Grants name={repository.name} />
        <ImmutableTags repository={repository} reload={reload} />
        <DropRepository repository={repository} />
      </>
    )}
  </div>
);

function DropRepository({ repository }: { readonly repository: Repository }) {
  const { name } = repository;
  const owner = name.slice(0, name.indexOf('/'));
  const drop = useAction(async () => {
    await dropRepository(name);
    navigate(links.account(owner), { replace: true });
  });
  return (
    <Card title="Delete">
      <div class="danger-row">
        <p>Deletes all that is in it. Nobody can pull it then, and nothing brings it back.</p>
        <ConfirmButton
          label="Delete the repository"
          title={`Delete ${name}?`}
          verb="Delete the repository"
          typed={name}
          action={drop}
        >
          <p>
            {many(repository.tags, 'tag')} and {bytesText(repository.bytes)} go with it, its stars, grants and
            overview too. This cannot be undone.
          </p>
        </ConfirmButton>
      </div>
    </Card>
  );
}
