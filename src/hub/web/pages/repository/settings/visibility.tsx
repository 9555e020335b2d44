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
          look="primary"
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

/** In the owner's usage. Layers that other private repositories have count once: bytes change by at most this. */
function Effect({ repository, usage }: { readonly repository: Repository; readonly usage: Usage }) {
  const { plan, privateBytes, privateRepositories } = usage;
  const sign = repository.visibility === 'public' ? 1 : -1;
  const bytes = Math.max(0, privateBytes + sign * repository.bytes);
  const isMore = sign > 0;
  return (
    <dl class="details effect">
      <div>
        <dt>Private storage</dt>
        <dd>
          {bytesText(privateBytes)} → {isMore ? 'at most' : 'at least'} {bytesText(bytes)}
          {plan.privateBytes !== undefined && ` of ${bytesText(plan.privateBytes)}`}
        </dd>
      </div>
      <div>
        <dt>Private repositories</dt>
        <dd>
          {exactText(privateRepositories)} → {exactText(Math.max(0, privateRepositories + sign))}
          {plan.privateRepositories !== undefined && ` of ${exactText(plan.privateRepositories)}`}
        </dd>
      </div>
    </dl>
  );
}
