import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

/** A button that shows a list of links and buttons: arrows move in it, Escape, a choice or leaving it closes it. */
export function Menu({
  label,
  face,
  children,
}: {
  /** What the button is called. */
  readonly label: string;
  readonly face: ComponentChildren;
  readonly children: ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(false);
  const around = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const items = () => [
    ...(around.current?.querySelectorAll<HTMLElement>('.menu-list a, .menu-list button') ?? []),
  ];

  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && around.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [isOpen]);

  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isOpen) {
      setOpen(false);
      button.current?.focus();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!isOpen) setOpen(true);
      requestAnimationFrame(() => step(items(), event.key === 'ArrowDown' ? 1 : -1));
    }
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the button and the list inside
    <div class="menu" ref={around} onKeyDown={pressed}>
      <button
        ref={button}
        type="button"
        class="menu-button"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        {face}
      </button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: a click bubbles from the links, which have keys */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only closes after them */}
      <div class="menu-list" id={id} hidden={!isOpen} onClick={() => setOpen(false)}>
        {children}
      </div>
    </div>
  );
}

function step(items: readonly HTMLElement[], by: number): void {
  if (items.length === 0) return;
  const now = items.indexOf(document.activeElement as HTMLElement);
  const next = now < 0 ? (by > 0 ? 0 : items.length - 1) : (now + by + items.length) % items.length;
  items[next]!.focus();
}
