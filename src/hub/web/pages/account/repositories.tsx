import type { Account } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { many } from '../../format.ts';
import { ButtonLink } from '../../parts/button.tsx';
import { Empty, Shown } from '../../parts/feedback.tsx';
import { Pager } from '../../parts/lists.tsx';
import { PushCommands } from '../../parts/push-commands.tsx';
import { RepositoryList } from '../../parts/repository-list.tsx';
import { setQuery, useAddress } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';

/** Those that the one who looks may see. */
export function AccountRepositories({ account }: { readonly account: Account }) {
  const { query } = useAddress();
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1);
  const found = useData(at.repositories({ owner: account.name, sort: 'updated', page }), { keep: true });
  const mayWrite = account.role === 'owner' || account.role === 'editor';
  return (
    <>
      <div class="list-bar">
        <p>{found.data === undefined ? '\u00a0' : many(found.data.total, 'repository', 'repositories')}</p>
        {mayWrite && (
          <ButtonLink icon="plus" href={links.newRepository(account.name)}>
            New repository
          </ButtonLink>
        )}
      </div>
      <Shown of={found} rows={5}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="box" title="There are no repositories here">
              {mayWrite && (
                <>
                  <p>Push an image, and it is here:</p>
                  <PushCommands name={`${account.name}/my-image`} hasLogin />
                </>
              )}
            </Empty>
          ) : (
            <>
              <RepositoryList items={data.items} heading="h2" />
              <Pager {...data} onPage={(next) => setQuery({ page: String(next) })} />
            </>
          )
        }
      </Shown>
    </>
  );
}
