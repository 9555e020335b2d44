import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Action } from '../client/use-data.ts';
import { Button } from './button.tsx';
import { Form } from './form.tsx';
import { Icon } from './icons.tsx';

/** A modal dialog: the browser holds the focus in it, Escape closes it, and what opened it has the focus after. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose}>
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** Asks once more; what cannot be undone has its name typed. */
export function Confirm({
  title,
  typed,
  verb,
  action,
  look = 'danger',
  onClose,
  children,
}: {
  readonly title: string;
  readonly look?: 'danger' | 'primary';
  /** To be typed. */
  readonly typed?: string;
  readonly verb: string;
  readonly action: Action<[]>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const [given, setGiven] = useState('');
  const id = useId();
  return (
    <Dialog title={title} onClose={onClose}>
      <Form
        failure={action.failure}
        onSubmit={async () => {
          if ((typed === undefined || given === typed) && (await action.run())) onClose();
        }}
        actions={
          <>
            <Button
              look={look}
              type="submit"
              isBusy={action.isBusy}
              disabled={typed !== undefined && given !== typed}
            >
              {verb}
            </Button>
            <Button onClick={onClose}>Cancel</Button>
          </>
        }
      >
        <div class="prose">{children}</div>
        {typed !== undefined && (
          <div class="field">
            <label for={id}>
              Type <strong class="typed">{typed}</strong> to confirm
            </label>
            <input
              id={id}
              autoComplete="off"
              spellcheck={false}
              autoCapitalize="off"
              onInput={(event) => setGiven(event.currentTarget.value)}
            />
          </div>
        )}
      </Form>
    </Dialog>
  );
}

/** A button that asks before it does. */
export function ConfirmButton({
  label,
  isIcon = false,
  ...confirm
}: {
  readonly label: string;
  /** A bin with the label for those who do not see it. */
  readonly isIcon?: boolean;
  readonly title: string;
  readonly look?: 'danger' | 'primary';
  readonly typed?: string;
  readonly verb: string;
  readonly action: Action<[]>;
  readonly children: ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(false);
  const open = () => {
    confirm.action.clear();
    setOpen(true);
  };
  return (
    <>
      {isIcon ? (
        <button type="button" class="icon-button" aria-label={label} title={label} onClick={open}>
          <Icon name="trash" />
        </button>
      ) : (
        <Button look={confirm.look === 'primary' ? 'plain' : 'danger'} onClick={open}>
          {label}
        </Button>
      )}
      {isOpen && <Confirm {...confirm} onClose={() => setOpen(false)} />}
    </>
  );
}
