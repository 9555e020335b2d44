import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

/** Copies, and says so for two seconds. */
export function Copy({ text, what }: { readonly text: string; readonly what: string }) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [isDone]);
  return (
    <button
      type="button"
      class={`icon-button copy${isDone ? ' is-done' : ''}`}
      aria-label={isDone ? `Copied the ${what}` : `Copy the ${what}`}
      title={isDone ? 'Copied' : 'Copy'}
      onClick={async () => setDone(await copied(text))}
    >
      <Icon name={isDone ? 'check' : 'copy'} />
    </button>
  );
}

async function copied(text: string): Promise<boolean> {
  // without TLS the browser has no clipboard of its own: a selection can still be copied
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => bySelection(text),
    );
  }
  return bySelection(text);
}

function bySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'off-screen';
  const before = document.activeElement;
  // beside the button: behind a dialog nothing can be selected
  (before?.parentElement ?? document.body).append(area);
  area.select();
  const isDone = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return isDone;
}

/** Lines for a terminal, with a button that copies them. */
export const Command = ({ text, label }: { readonly text: string; readonly label?: string }) => (
  <div class="command">
    {/* long lines are scrolled, by keyboard too */}
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached */}
    <section class="command-text" tabIndex={0} aria-label={label ?? 'Command'}>
      <pre>
        <code>{text}</code>
      </pre>
    </section>
    <Copy text={text} what={label?.toLowerCase() ?? 'command'} />
  </div>
);
