import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useContext, useEffect, useId, useRef } from 'preact/hooks';
import { FailureContext } from './form.tsx';

interface FieldProps {
  readonly name: string;
  readonly label: ComponentChildren;
  readonly hint?: ComponentChildren;
}

/** Label, control, hint, and what is wrong with it. */
function useField({ name, hint }: Pick<FieldProps, 'name' | 'hint'>) {
  const id = useId();
  const failure = useContext(FailureContext);
  const wrong = failure?.field === name ? failure.message : undefined;
  const described = [wrong !== undefined && `${id}-wrong`, hint !== undefined && `${id}-hint`].filter(
    Boolean,
  );
  return {
    id,
    wrong,
    control: {
      id,
      name,
      ...(described.length > 0 && { 'aria-describedby': described.join(' ') }),
      ...(wrong !== undefined && { 'aria-invalid': true as const }),
    },
  };
}

const Around = ({
  id,
  label,
  hint,
  wrong,
  children,
}: Omit<FieldProps, 'name'> & {
  readonly id: string;
  readonly wrong: string | undefined;
  readonly children: ComponentChildren;
}) => (
  <div class={`field${wrong === undefined ? '' : ' is-wrong'}`}>
    <label for={id}>{label}</label>
    {children}
    {wrong !== undefined && (
      <p class="field-wrong" id={`${id}-wrong`}>
        {wrong}
      </p>
    )}
    {hint !== undefined && (
      <p class="field-hint" id={`${id}-hint`}>
        {hint}
      </p>
    )}
  </div>
);

/** Of any type: which goes with which is for the callers. */
type Attributes = InputHTMLAttributes<HTMLInputElement>;

const word = { spellcheck: false, autoCapitalize: 'off', autoComplete: 'off' } as const;

export function Field({
  label,
  hint,
  name,
  value = '',
  type = 'text',
  isWord = false,
  ...rest
}: FieldProps & {
  readonly value?: string | number;
  /** A name or a code: nothing corrects it or begins it with a capital, nor offers others where `autoComplete` does not say so. */
  readonly isWord?: boolean;
  readonly type?: 'text' | 'password' | 'email' | 'number' | 'date' | 'search';
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly required?: boolean;
  readonly inputMode?: 'numeric' | 'text';
  readonly pattern?: string;
  readonly placeholder?: string;
  readonly min?: string | number;
  readonly max?: string | number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly list?: string;
  readonly onInput?: (value: string) => void;
}) {
  const field = useField({ name, hint });
  const { onInput, autoFocus, ...attributes } = rest;
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (autoFocus === true) input.current?.focus();
  }, []);
  return (
    <Around id={field.id} label={label} hint={hint} wrong={field.wrong}>
      <input
        ref={input}
        {...({
          ...{ type, defaultValue: String(value) },
          ...(isWord && word),
          ...field.control,
          ...attributes,
        } as Attributes)}
        {...(onInput !== undefined && {
          onInput: (event: { currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
        })}
      />
    </Around>
  );
}

export function TextArea({
  label,
  hint,
  name,
  value = '',
  rows,
  ...rest
}: FieldProps & {
  readonly value?: string;
  readonly rows: number;
  readonly placeholder?: string;
  readonly spellcheck?: boolean;
}) {
  const field = useField({ name, hint });
  return (
    <Around id={field.id} label={label} hint={hint} wrong={field.wrong}>
      <textarea rows={rows} defaultValue={value} {...field.control} {...rest} />
    </Around>
  );
}

export interface Option<T extends string = string> {
  readonly value: T;
  readonly label: string;
}

export function Select<T extends string>({
  label,
  hint,
  name,
  value,
  options,
  onChange,
}: FieldProps & {
  readonly value?: T;
  readonly options: readonly Option<T>[];
  readonly onChange?: (value: T) => void;
}) {
  const field = useField({ name, hint });
  return (
    <Around id={field.id} label={label} hint={hint} wrong={field.wrong}>
      <select
        {...field.control}
        {...(onChange !== undefined && {
          onChange: (event: { currentTarget: HTMLSelectElement }) => onChange(event.currentTarget.value as T),
        })}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </Around>
  );
}

/** A few choices of which each needs a line of its own. */
export function Choices<T extends string>({
  legend,
  name,
  value,
  options,
  onChange,
}: {
  readonly legend: string;
  readonly name: string;
  readonly value: T;
  readonly options: readonly (Option<T> & { readonly hint: ComponentChildren })[];
  readonly onChange?: (value: T) => void;
}) {
  const id = useId();
  return (
    <fieldset class="choices">
      <legend>{legend}</legend>
      {options.map((option) => (
        <div key={option.value} class="choice">
          <input
            type="radio"
            id={`${id}-${option.value}`}
            name={name}
            value={option.value}
            defaultChecked={option.value === value}
            aria-describedby={`${id}-${option.value}-hint`}
            onChange={() => onChange?.(option.value)}
          />
          <label for={`${id}-${option.value}`}>{option.label}</label>
          <p class="field-hint" id={`${id}-${option.value}-hint`}>
            {option.hint}
          </p>
        </div>
      ))}
    </fieldset>
  );
}

export function Check({ name, label, hint, isOn = false }: FieldProps & { readonly isOn?: boolean }) {
  const field = useField({ name, hint });
  return (
    <div class="choice">
      <input type="checkbox" defaultChecked={isOn} {...field.control} />
      <label for={field.id}>{label}</label>
      {hint !== undefined && (
        <p class="field-hint" id={`${field.id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
