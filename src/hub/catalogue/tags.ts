import type { Page } from '../api/index.ts';
import type { Tag } from '../api/repositories.ts';
import { isImmutableTag } from '../records/immutable-tags.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

interface Listed {
  /** Only those whose names have it. */
  readonly query: string;
  readonly page: number;
  readonly size: number;
  readonly offset: number;
}

/** A repository's tags, the one that was pushed last first. */
export async function listTags(
  { records }: Pick<HubRooms, 'records'>,
  repository: RepositoryRecord,
  { query, page, size, offset }: Listed,
): Promise<Page<Tag>> {
  const { items, total } = await records.tags.list(repository, { text: query, size, offset });
  const tags = items.map((tag) => ({
    ...tag,
    isImmutable: isImmutableTag(repository.immutableTags, tag.name),
  }));
  return { items: tags, total, page, size };
}
