import { useRef, useState } from 'preact/hooks';
import type { Repository } from '../../../../api/index.ts';
import { changeRepository, renderOverview } from '../../../client/calls.ts';
import { useAction } from '../../../client/use-data.ts';
import { Button } from '../../../parts/button.tsx';
import { Notice } from '../../../parts/feedback.tsx';
import { Field, TextArea } from '../../../parts/fields.tsx';
import { Form } from '../../../parts/form.tsx';
import { Card } from '../../../parts/lists.tsx';
import { Markdown } from '../../../parts/markdown.tsx';

/** The line that search shows, and the text of the overview, to be seen before it is saved. */
export function Description({
  repository,
  reload,
}: {
  readonly repository: Repository;
  readonly reload: () => void;
}) {
  const [isDone, setDone] = useState(false);
  const [preview, setPreview] = useState<string>();
  const around = useRef<HTMLDivElement>(null);
  const save = useAction(async (description: string, overview: string) => {
    setDone(false);
    await changeRepository(repository.name, { description, overview });
    setDone(true);
    reload();
  });
  const show = useAction(async () => {
    const text = around.current?.querySelector('textarea')?.value ?? '';
    setPreview((await renderOverview(text)).html);
  });
  const isShown = preview !== undefined;
  return (
    <Card title="Description">
      <Form
        failure={save.failure ?? show.failure}
        fields={['description', 'overview']}
        onSubmit={(values) => void save.run(values.text('description').trim(), values.text('overview'))}
        actions={
          <>
            <Button look="primary" type="submit" isBusy={save.isBusy}>
              Save
            </Button>
            <Button
              isBusy={show.isBusy}
              onClick={() => {
                if (isShown) setPreview(undefined);
                else void show.run();
              }}
            >
              {isShown ? 'Go on writing' : 'Preview'}
            </Button>
          </>
        }
      >
        <Field name="description" label="In a line" value={repository.description} />
        <div ref={around} class="code" hidden={isShown}>
          <TextArea
            name="overview"
            label="Overview"
            hint="Markdown. Pictures from elsewhere become links."
            rows={12}
            value={repository.overview}
          />
        </div>
        {isShown && (
          <section class="preview" aria-label="Preview">
            {preview === '' ? <p class="muted">It is empty.</p> : <Markdown html={preview} />}
          </section>
        )}
        {isDone && <Notice tone="good">Saved.</Notice>}
      </Form>
    </Card>
  );
}
