import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { at } from '../../client/calls.ts';
import { useData } from '../../client/use-data.ts';
import { Icon } from '../../parts/icons.tsx';
import { VisibilityBadge } from '../../parts/text.tsx';
import { navigate } from '../../router/navigation.ts';
import { links } from '../../router/place.ts';

/** Waits until a person has stopped typing. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** Searches from every page: the best six as one types, all of them on Enter. Arrows move, Escape closes. */
export function SearchBox({ isLarge = false }: { readonly isLarge?: boolean }) {
  const [words, setWords] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const settled = useSettled(words.trim(), 150);
  const found = useData(isOpen && settled !== '' ? at.search({ q: settled, size: 6 }) : undefined, {
    keep: true,
  });
  const items = settled === '' ? [] : (found.data?.items ?? []);
  const isShown = isOpen && words.trim() !== '' && items.length > 0;
  const go = (url: string) => {
    setOpen(false);
    input.current?.blur();
    navigate(url);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const by = event.key === 'ArrowDown' ? 1 : -1;
      // one more place than items: the words themselves
      setActive((last) => ((last + 1 + by + items.length + 1) % (items.length + 1)) - 1);
    } else if (event.key === 'Escape') {
      setOpen(false);
      setActive(-1);
    }
  };
  return (
    <search class={`search-box${isLarge ? ' search-box-large' : ''}`}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = isShown ? items[active] : undefined;
          go(chosen === undefined ? links.search(words.trim()) : links.repository(chosen.name));
        }}
      >
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          role="combobox"
          inputMode="search"
          enterKeyHint="search"
          placeholder="Search images"
          aria-label="Search images"
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          {...(isShown && active >= 0 && { 'aria-activedescendant': `${id}-${active}` })}
          autoComplete="off"
          spellcheck={false}
          value={words}
          onInput={(event) => {
            setWords(event.currentTarget.value);
            setActive(-1);
            setOpen(true);
          }}
          onKeyDown={pressed}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
        />
        <span class="key" aria-hidden="true">
          /
        </span>
      </form>
      <div id={`${id}-list`} role="listbox" aria-label="Best matches" class="search-list" hidden={!isShown}>
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the active one
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field's keys choose
          <div
            key={item.name}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            class="search-item"
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => go(links.repository(item.name))}
          >
            <span class="search-item-name">{item.name}</span>
            {item.visibility === 'private' && <VisibilityBadge visibility="private" />}
            <span class="search-item-text">{item.description}</span>
          </div>
        ))}
      </div>
    </search>
  );
}
