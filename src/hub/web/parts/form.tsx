import { type ComponentChildren, createContext } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { HubFailure } from '../client/http.ts';
import { Button } from './button.tsx';
import { Notice } from './feedback.tsx';

/** What the Hub refused of the form around. */
export const FailureContext = createContext<HubFailure | undefined>(undefined);

/** What a form says, by its fields' names. */
export class Values {
  readonly #data: FormData;

  constructor(form: HTMLFormElement) {
    this.#data = new FormData(form);
  }

  text(name: string): string {
    const value = this.#data.get(name);
    return typeof value === 'string' ? value : '';
  }

  /** One of what a choice offers. */
  choice<T extends string>(name: string): T {
    return this.text(name) as T;
  }

  isOn(name: string): boolean {
    return this.#data.get(name) !== null;
  }
}

/**
 * A form: what the Hub refuses is said beside the field that is wrong, which takes the focus, else above the buttons.
 *
 * @param props.fields names of its fields, as the Hub's failures have them
 */
export function Form({
  onSubmit,
  failure,
  fields = [],
  submit,
  isBusy = false,
  actions,
  children,
  ...rest
}: {
  readonly onSubmit: (values: Values, form: HTMLFormElement) => void;
  readonly failure?: HubFailure | undefined;
  readonly fields?: readonly string[];
  /** What its button says. */
  readonly submit?: string;
  readonly isBusy?: boolean;
  /** Buttons beside that one, or of another kind. */
  readonly actions?: ComponentChildren;
  readonly children?: ComponentChildren;
  readonly class?: string;
  readonly 'aria-label'?: string;
}) {
  const form = useRef<HTMLFormElement>(null);
  const field = failure?.field;
  const isBeside = field !== undefined && fields.includes(field);
  useEffect(() => {
    if (!isBeside) return;
    const wrong = form.current?.elements.namedItem(field);
    if (wrong instanceof HTMLElement) wrong.focus();
  }, [failure]);
  return (
    <FailureContext.Provider value={failure}>
      <form
        ref={form}
        {...rest}
        class={`form ${rest.class ?? ''}`}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(new Values(event.currentTarget), event.currentTarget);
        }}
      >
        {children}
        {failure !== undefined && !isBeside && <Notice tone="bad">{failure.message}</Notice>}
        {(submit !== undefined || actions !== undefined) && (
          <div class="actions">
            {submit !== undefined && (
              <Button look="primary" type="submit" isBusy={isBusy}>
                {submit}
              </Button>
            )}
            {actions}
          </div>
        )}
      </form>
    </FailureContext.Provider>
  );
}
