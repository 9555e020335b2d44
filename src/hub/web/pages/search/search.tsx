import { useEffect, useRef, useState } from 'preact/hooks';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { many } from '../../format.ts';
import { Empty, Shown } from '../../parts/feedback.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Pager } from '../../parts/lists.tsx';
import { RepositoryList } from '../../parts/repository-list.tsx';
import { setQuery, useAddress } from '../../router/navigation.ts';
import { useHubAddress, useTitle } from '../../session.tsx';
import { useSettled } from './search-box.tsx';

const sorts = [
  { value: 'pulls', label: 'Most pulled' },
  { value: 'updated', label: 'Lately updated' },
  { value: 'name', label: 'Name' },
] as const;

/** Everything that may be seen, or what fits the words, as they are typed. */
export function SearchPage() {
  const { query } = useAddress();
  const words = query.get('q') ?? '';
  const page = Math.max(1, Number(query.get('page') ?? 1) || 1);
  const sort = sorts.find(({ value }) => value === query.get('sort'))?.value ?? 'pulls';
  useTitle(words === '' ? 'Explore' : `Search for ${words}`);
  const found = useData(words === '' ? at.repositories({ sort, page }) : at.search({ q: words, page }), {
    keep: true,
  });
  const toPage = (next: number) => {
    setQuery({ page: next === 1 ? undefined : String(next) });
    window.scrollTo(0, 0);
  };
  return (
    <div class="page-search">
      <h1>{words === '' ? 'Explore' : 'Search'}</h1>
      <SearchField words={words} />
      <div class="list-bar">
        <p aria-live="polite">
          {found.data === undefined ? '\u00a0' : many(found.data.total, 'repository', 'repositories')}
        </p>
        {words === '' && <SortChoice sort={sort} />}
      </div>
      <Shown of={found} rows={6}>
        {(data) =>
          data.items.length === 0 ? (
            <NothingFound words={words} />
          ) : (
            <>
              <RepositoryList items={data.items} heading="h2" />
              <Pager {...data} onPage={toPage} />
            </>
          )
        }
      </Shown>
    </div>
  );
}

function SearchField({ words }: { readonly words: string }) {
  const [typed, setTyped] = useState(words);
  const settled = useSettled(typed, 180);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (settled.trim() !== words) setQuery({ q: settled.trim(), page: undefined });
  }, [settled]);
  useEffect(() => {
    // from outside: a link, or going back
    if (words !== typed.trim()) setTyped(words);
  }, [words]);
  useEffect(() => input.current?.focus(), []);
  return (
    <search class="search-box search-box-large">
      <form onSubmit={(event) => event.preventDefault()}>
        <Icon name="search" />
        <input
          ref={input}
          type="search"
          aria-label="Search images"
          placeholder="Names, words, beginnings of words"
          autoComplete="off"
          spellcheck={false}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'ArrowDown') return;
            event.preventDefault();
            document.querySelector<HTMLElement>('.row-name a:last-child')?.focus();
          }}
        />
      </form>
    </search>
  );
}

const SortChoice = ({ sort }: { readonly sort: string }) => (
  <label class="inline-choice">
    Order
    <select onChange={(event) => setQuery({ sort: event.currentTarget.value, page: undefined })}>
      {sorts.map(({ value, label }) => (
        <option key={value} value={value} selected={value === sort}>
          {label}
        </option>
      ))}
    </select>
  </label>
);

function NothingFound({ words }: { readonly words: string }) {
  const address = useHubAddress();
  if (words !== '') {
    return (
      <Empty icon="search" title={`Nothing fits “${words}”`}>
        <p>Try fewer or shorter words. Beginnings of words are enough: “nod” finds “node”.</p>
      </Empty>
    );
  }
  return (
    <Empty icon="box" title="There are no repositories to see yet">
      <p>
        Push an image to <code>{address}/your-name/your-image</code>, and it is here.
      </p>
    </Empty>
  );
}
