import type { Repository, Usage } from '../../../../api/index.ts';
import { at, changeRepository } from '../../../client/calls.ts';
import { useAction, useData } from '../../../client/use-data.ts';
import { bytesText, exactText } from '../../../format.ts';
import { ConfirmButton } from '../../../parts/dialog.tsx';
import { Card } from '../../../parts/lists.tsx';
import { VisibilityBadge } from '../../../parts/text.tsx';

/** Who may know that it is there, and what the other choice does to the owner's usage. */
export function VisibilityCard({
  repository,
  reload,
}: {
  readonly repository: Repository;
  readonly reload: () => void;
}) {
  const { name, visibility } = repository;
  const owner = name.slice(0, name.indexOf('/'));
  const usage = useData(at.usage(owner));
  const other = visibility === 'public' ? 'private' : 'public';
  const change = useAction(async () => {
    await changeRepository(name, { visibility: other });
    reload();
    usage.reload();
  });
  return (
    <Card title="Visibility" aside={<VisibilityBadge visibility={visibility} />}>
      <div class="danger-row">
        <div class="prose muted">
          <p>
            {visibility === 'public'
              ? 'Everybody finds and pulls it.'
              : 'It does not exist for those who are not granted it.'}
          </p>
          {usage.data !== undefined && <Effect repository={repository} usage={usage.data} />}
        </div>
        <ConfirmButton
          label={`Make it ${other}`}
          title={`Make ${name} ${other}?`}
          verb={`Make it ${other}`}
          {...(other === 'public' && { typed: name })}
          action={change}
        >
          <p>
            {other === 'public'
              ? 'Everybody can find and pull all its images, at once.'
              : 'Who is not granted it can no longer pull it, at once. Its stars stay.'}
          </p>
          {usage.data !== undefined && <Effect repository={repository} usage={usage.data} />}
        </ConfirmButton>
      </div>
    </Card>
  );
}

/** In the owner's usage. Layers that other private repositories have already count once: it is at most this. */
function Effect({ repository, usage }: { readonly repository: Repository; readonly usage: Usage }) {
  const { plan } = usage;
  const bytes = bytesText(repository.bytes);
  const limit = plan.privateBytes === undefined ? 'no limit' : bytesText(plan.privateBytes);
  const repositories =
    plan.privateRepositories === undefined ? 'no limit' : exactText(plan.privateRepositories);
  return repository.visibility === 'public' ? (
    <p>
      Private, it adds up to {bytes} to the {bytesText(usage.privateBytes)} of private storage in use (plan:{' '}
      {limit}
      ), and is one more of {exactText(usage.privateRepositories)} private repositories (plan: {repositories}
      ).
    </p>
  ) : (
    <p>
      Public, it gives back up to {bytes} of the {bytesText(usage.privateBytes)} of private storage in use,
      and one of {exactText(usage.privateRepositories)} private repositories.
    </p>
  );
}
