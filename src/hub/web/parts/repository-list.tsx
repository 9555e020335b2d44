import type { RepositorySummary } from '../../api/index.ts';
import { exactText } from '../format.ts';
import { Icon } from './icons.tsx';
import { Ago, Count, RepositoryName, VisibilityBadge } from './text.tsx';

/** Repositories, one to a row. */
export const RepositoryList = ({
  items,
  heading: Heading = 'h3',
}: {
  readonly items: readonly RepositorySummary[];
  readonly heading?: 'h2' | 'h3';
}) => (
  <ul class="rows">
    {items.map((item) => (
      <li key={item.name} class="row repository-row">
        <div class="row-head">
          <Heading class="row-name">
            <RepositoryName name={item.name} />
          </Heading>
          {item.visibility === 'private' && <VisibilityBadge visibility="private" />}
        </div>
        {item.description !== '' && <p class="row-text">{item.description}</p>}
        <Facts item={item} />
      </li>
    ))}
  </ul>
);

const Facts = ({ item }: { readonly item: RepositorySummary }) => (
  <ul class="facts">
    <li>
      <Icon name="pull" />
      <Count count={item.pulls} />
      <span class="off-screen">{item.pulls === 1 ? 'pull' : 'pulls'}</span>
    </li>
    <li title={`${exactText(item.stars)} stars`}>
      <Icon name="star" />
      <Count count={item.stars} />
      <span class="off-screen">{item.stars === 1 ? 'star' : 'stars'}</span>
    </li>
    <li>
      Updated <Ago time={item.updatedAt} />
    </li>
  </ul>
);
