import { useEffect, useState } from 'preact/hooks';
import type { AuditEntry } from '../../../api/index.ts';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { Button } from '../../parts/button.tsx';
import { Empty, Shown } from '../../parts/feedback.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Table } from '../../parts/lists.tsx';
import { Ago } from '../../parts/text.tsx';
import { setQuery, useAddress } from '../../router/navigation.ts';

const size = 50;
const words = ['actor', 'action', 'owner'] as const;

/** Newest first, filtered by the words in the address. */
export function AuditList({ owner }: { readonly owner?: string }) {
  const { query } = useAddress();
  const given = Object.fromEntries(words.map((word) => [word, query.get(word) ?? '']));
  const filter = { ...given, ...(owner !== undefined && { owner }) };
  const key = JSON.stringify(filter);
  return (
    <>
      <Filters given={given} hasOwner={owner === undefined} />
      <Entries key={key} filter={filter} />
    </>
  );
}

function Filters({
  given,
  hasOwner,
}: {
  readonly given: Readonly<Record<string, string>>;
  readonly hasOwner: boolean;
}) {
  const apply = (values: Values) =>
    setQuery({
      actor: values.text('actor').trim(),
      action: values.text('action').trim(),
      owner: values.text('owner').trim(),
    });
  return (
    <Form
      class="form-inline audit-filters"
      aria-label="Filter"
      onSubmit={apply}
      actions={
        <>
          <Button type="submit" icon="search">
            Filter
          </Button>
          <Button look="quiet" onClick={() => setQuery({ actor: '', action: '', owner: '' })}>
            All
          </Button>
        </>
      }
    >
      <Field key={`actor ${given['actor']}`} name="actor" label="Who" value={given['actor']!} isWord />
      <Field
        key={`action ${given['action']}`}
        name="action"
        label="What"
        value={given['action']!}
        placeholder="repository.create"
        isWord
      />
      {hasOwner && (
        <Field
          key={`owner ${given['owner']}`}
          name="owner"
          label="In the account"
          value={given['owner']!}
          isWord
        />
      )}
    </Form>
  );
}

function Entries({ filter }: { readonly filter: Readonly<Record<string, string>> }) {
  const [before, setBefore] = useState<number>();
  const [older, setOlder] = useState<readonly AuditEntry[]>([]);
  const found = useData(at.audit({ ...filter, size, before }));
  const isMore = before !== undefined;
  useEffect(() => {
    // each further part is put behind those that are shown
    if (isMore && found.data !== undefined && found.data[0] !== undefined && found.data[0].id < before)
      setOlder((last) => [
        ...last,
        ...found.data!.filter(({ id }) => !last.some((entry) => entry.id === id)),
      ]);
  }, [found.data]);
  const shown = isMore ? older : (found.data ?? []);
  const hasMore = found.data === undefined ? isMore : found.data.length === size;
  const more = () => {
    setOlder(shown);
    setBefore(shown.at(-1)?.id);
  };
  if (isMore) return <Listed entries={shown} hasMore={hasMore} isLoading={found.isLoading} more={more} />;
  return (
    <Shown of={found} rows={6} kind="line">
      {() => <Listed entries={shown} hasMore={hasMore} isLoading={found.isLoading} more={more} />}
    </Shown>
  );
}

const Listed = ({
  entries,
  hasMore,
  isLoading,
  more,
}: {
  readonly entries: readonly AuditEntry[];
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly more: () => void;
}) =>
  entries.length === 0 ? (
    <Empty icon="list" title="Nothing was done that fits" />
  ) : (
    <>
      <Table label="Audit log" heads={['When', 'Who', 'What', 'To', 'From', 'More']}>
        {entries.map((entry) => (
          <tr key={entry.id}>
            <td class="number">
              <Ago time={entry.at} />
            </td>
            <td>
              {entry.actor || (
                <span class="muted">{entry.address === 'local' ? 'command line' : 'stranger'}</span>
              )}
            </td>
            <td>
              <code class="audit-action">{entry.action}</code>
            </td>
            <td>
              <span class="audit-target">{entry.target}</span>
            </td>
            <td class="number">{entry.address}</td>
            <td>
              <Details details={entry.details} />
            </td>
          </tr>
        ))}
      </Table>
      {hasMore && (
        <div class="pager">
          <Button isBusy={isLoading} onClick={more}>
            Older
          </Button>
        </div>
      )}
    </>
  );

const Details = ({ details }: { readonly details: AuditEntry['details'] }) => {
  const words = Object.entries(details);
  if (words.length === 0) return null;
  return (
    <code class="audit-details">
      {words
        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(', ')}
    </code>
  );
};
