import type { User } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { ButtonLink } from '../../parts/button.tsx';
import { Empty, Shown } from '../../parts/feedback.tsx';
import { Card } from '../../parts/lists.tsx';
import { PushCommands } from '../../parts/push-commands.tsx';
import { RepositoryList } from '../../parts/repository-list.tsx';
import { UsageBars } from '../../parts/usage-bars.tsx';
import { links } from '../../router/place.ts';
import { Avatar } from '../../shell.tsx';
import { SearchBox } from '../search/search-box.tsx';

/** What is one's own, lately changed first. */
export function Dashboard({ user }: { readonly user: User }) {
  const own = useData(at.repositories({ owner: user.name, sort: 'updated', size: 8 }));
  const starred = useData(at.repositories({ starred: 'true', size: 5 }));
  const usage = useData(at.usage(user.name));
  return (
    <>
      <div class="page-head">
        <h1>Hello, {user.displayName || user.name}</h1>
      </div>
      <SearchBox isLarge />
      <div class="columns">
        <div class="stack">
          <Card
            title="Your repositories"
            aside={
              <ButtonLink icon="plus" href={links.newRepository()}>
                New
              </ButtonLink>
            }
          >
            <Shown of={own} rows={4}>
              {(data) =>
                data.items.length === 0 ? (
                  <Empty icon="box" title="Push your first image">
                    <PushCommands name={`${user.name}/my-image`} hasLogin />
                  </Empty>
                ) : (
                  <>
                    <RepositoryList items={data.items} />
                    {data.total > data.items.length && (
                      <p class="card-foot">
                        <a href={links.account(user.name)}>All {data.total}</a>
                      </p>
                    )}
                  </>
                )
              }
            </Shown>
          </Card>
          <Card title="Starred">
            <Shown of={starred} rows={2}>
              {(data) =>
                data.items.length === 0 ? (
                  <Empty icon="star" title="No stars yet">
                    <p>A star on a repository’s page keeps it here.</p>
                  </Empty>
                ) : (
                  <RepositoryList items={data.items} />
                )
              }
            </Shown>
          </Card>
        </div>
        <div class="stack">
          <Card title="Usage" aside={<a href={links.account(user.name, 'usage')}>Details</a>}>
            <Shown of={usage} rows={3} kind="line">
              {(data) => <UsageBars usage={data} />}
            </Shown>
          </Card>
          <Card title="Organisations" aside={<a href={links.newOrganisation}>New</a>}>
            <Organisations user={user} />
          </Card>
        </div>
      </div>
    </>
  );
}

const Organisations = ({ user }: { readonly user: User }) =>
  user.organisations.length === 0 ? (
    <Empty icon="users" title="You are in none">
      <p>An organisation’s repositories belong to all its members.</p>
    </Empty>
  ) : (
    <ul class="people">
      {user.organisations.map(({ name, displayName, role }) => (
        <li key={name}>
          <Avatar name={name} />
          <a href={links.account(name)}>{displayName || name}</a>
          <span class="badge">{role}</span>
        </li>
      ))}
    </ul>
  );
