import { useState } from 'preact/hooks';
import type { Repository } from '../../../../api/index.ts';
import { changeRepository } from '../../../client/calls.ts';
import { useAction } from '../../../client/use-data.ts';
import { Notice } from '../../../parts/feedback.tsx';
import { TextArea } from '../../../parts/fields.tsx';
import { Form } from '../../../parts/form.tsx';
import { Card } from '../../../parts/lists.tsx';

/** Tags that stay what they are once pushed, by patterns. */
export function ImmutableTags({
  repository,
  reload,
}: {
  readonly repository: Repository;
  readonly reload: () => void;
}) {
  const [isDone, setDone] = useState(false);
  const save = useAction(async (patterns: readonly string[]) => {
    setDone(false);
    await changeRepository(repository.name, { immutableTags: patterns });
    setDone(true);
    reload();
  });
  return (
    <Card title="Immutable tags">
      <Form
        failure={save.failure}
        fields={['immutableTags']}
        onSubmit={(values) => void save.run(linesOf(values.text('immutableTags')))}
        submit="Save"
        isBusy={save.isBusy}
      >
        <div class="code">
          <TextArea
            name="immutableTags"
            label="Patterns, one to a line"
            hint="v* keeps every tag that begins with v; ? is one character. Such a tag can be pushed once, and neither moved nor deleted."
            rows={3}
            spellcheck={false}
            value={repository.immutableTags.join('\n')}
          />
        </div>
        {isDone && <Notice tone="good">Saved.</Notice>}
      </Form>
    </Card>
  );
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
