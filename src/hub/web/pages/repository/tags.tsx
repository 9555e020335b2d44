import { useState } from 'preact/hooks';
import type { Repository, Tag } from '../../../api/index.ts';
import { at, dropTag } from '../../client/calls.ts';
import { useAction, useData } from '../../client/use-data.ts';
import { kindText } from '../../format.ts';
import { Command } from '../../parts/copy.tsx';
import { ConfirmButton } from '../../parts/dialog.tsx';
import { Empty, Shown } from '../../parts/feedback.tsx';
import { Icon } from '../../parts/icons.tsx';
import { Pager } from '../../parts/lists.tsx';
import { PushCommands } from '../../parts/push-commands.tsx';
import { Ago, Bytes, DigestText } from '../../parts/text.tsx';
import { links } from '../../router/place.ts';
import { useHubAddress } from '../../session.tsx';
import { useSettled } from '../search/search-box.tsx';

/** Newest first, found by the beginning of their names. */
export function TagsTab({
  repository,
  reload,
}: {
  readonly repository: Repository;
  readonly reload: () => void;
}) {
  const [words, setWords] = useState('');
  const [page, setPage] = useState(1);
  const settled = useSettled(words.trim(), 200);
  const tags = useData(at.tags(repository.name, { q: settled, page }), { keep: true });
  const changed = () => {
    tags.reload();
    reload();
  };
  if (repository.tags === 0) return <NoTags repository={repository} />;
  return (
    <>
      <div class="list-bar">
        <label class="filter">
          <span class="off-screen">Find tags</span>
          <Icon name="search" />
          <input
            type="text"
            placeholder="Find tags"
            spellcheck={false}
            autoComplete="off"
            onInput={(event) => {
              setWords(event.currentTarget.value);
              setPage(1);
            }}
          />
        </label>
      </div>
      <Shown of={tags} rows={5}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="tag" title={`No tag fits “${settled}”`} />
          ) : (
            <>
              <ul class="rows">
                {data.items.map((tag) => (
                  <TagRow key={tag.name} repository={repository} tag={tag} changed={changed} />
                ))}
              </ul>
              <Pager {...data} onPage={setPage} />
            </>
          )
        }
      </Shown>
    </>
  );
}

const NoTags = ({ repository }: { readonly repository: Repository }) => (
  <Empty icon="tag" title="There are no tags yet">
    {repository.level === 'write' || repository.level === 'admin' ? (
      <PushCommands name={repository.name} />
    ) : undefined}
  </Empty>
);

function TagRow({
  repository,
  tag,
  changed,
}: {
  readonly repository: Repository;
  readonly tag: Tag;
  readonly changed: () => void;
}) {
  const address = useHubAddress();
  const canDrop = repository.level === 'admin' && !tag.isImmutable;
  return (
    <li class="row tag-row">
      <div class="row-head">
        <h2 class="tag-name">
          <Icon name="tag" />
          <a href={links.tag(repository.name, tag.name)}>{tag.name}</a>
        </h2>
        {tag.isImmutable && (
          <span class="badge" title="No push can change it">
            <Icon name="lock" />
            immutable
          </span>
        )}
        <span class="row-end">
          {canDrop && <DropTag repository={repository} tag={tag} changed={changed} />}
        </span>
      </div>
      <ul class="facts">
        <li>
          <Bytes bytes={tag.size} />
        </li>
        <li>
          <DigestText digest={tag.digest} href={links.manifest(repository.name, tag.digest)} />
        </li>
        <li>
          Pushed <Ago time={tag.updatedAt} />
          {tag.updatedBy !== undefined && (
            <>
              {' '}
              by <a href={links.account(tag.updatedBy)}>{tag.updatedBy}</a>
            </>
          )}
        </li>
      </ul>
      <Platforms tag={tag} />
      <Command label="Pull command" text={`docker pull ${address}/${repository.name}:${tag.name}`} />
    </li>
  );
}

const Platforms = ({ tag }: { readonly tag: Tag }) => (
  <ul class="chips" aria-label="Platforms">
    {tag.platforms.length === 0 ? (
      <li class="chip">{kindText(tag.mediaType)}</li>
    ) : (
      tag.platforms.map((platform) => (
        <li key={platform} class="chip">
          {platform}
        </li>
      ))
    )}
  </ul>
);

function DropTag({
  repository,
  tag,
  changed,
}: {
  readonly repository: Repository;
  readonly tag: Tag;
  readonly changed: () => void;
}) {
  const drop = useAction(async () => {
    await dropTag(repository.name, tag.name);
    changed();
  });
  return (
    <ConfirmButton
      isIcon
      label={`Delete the tag ${tag.name}`}
      title={`Delete the tag ${tag.name}?`}
      verb="Delete the tag"
      action={drop}
    >
      <p>
        <code>
          {repository.name}:{tag.name}
        </code>{' '}
        can then no longer be pulled by this name. Other tags of the same image stay.
      </p>
    </ConfirmButton>
  );
}
