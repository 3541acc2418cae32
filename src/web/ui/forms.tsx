import type { ComponentChildren } from 'preact';

/** A mistake in a form: the id of its field and what to do, in words. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Above the form, focused on arrival (the page came back because of it), one link per field. */
export function ErrorSummary({ title, errors }: { title: string; errors: readonly FieldError[] }) {
  if (errors.length === 0) return null;
  return (
    <div class="b-callout b-callout-error" role="alert" tabIndex={-1} autofocus aria-labelledby="errori">
      <h2 class="b-callout-title" id="errori">
        {title}
      </h2>
      <ul>
        {errors.map((error) => (
          <li key={error.field}>
            <a href={`#${error.field}`}>{error.message}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly errors: readonly FieldError[];
  /** `describedBy`: for the control's aria-describedby; `invalid`: for its aria-invalid. */
  readonly control: (aria: { describedBy: string | undefined; invalid: boolean }) => ComponentChildren;
}

/** A visible label, its hint, its error and the control, tied together for screen readers. */
export function Field({ id, label, hint, errors, control }: FieldProps) {
  const error = errors.find((e) => e.field === id);
  const ids = [hint === undefined ? '' : `${id}-aiuto`, error === undefined ? '' : `${id}-errore`].filter(Boolean);
  return (
    <div class={error === undefined ? 'b-field' : 'b-field b-field-wrong'}>
      <label for={id}>{label}</label>
      {hint === undefined ? null : (
        <p class="b-hint" id={`${id}-aiuto`}>
          {hint}
        </p>
      )}
      {error === undefined ? null : (
        <p class="b-field-error" id={`${id}-errore`}>
          {error.message}
        </p>
      )}
      {control({ describedBy: ids.length > 0 ? ids.join(' ') : undefined, invalid: error !== undefined })}
    </div>
  );
}

interface TextFieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly type?: 'text' | 'password';
  readonly value?: string;
  readonly autocomplete?: string;
  /** A code in figures. */
  readonly numeric?: boolean;
  /** Words of a language, which a keyboard may capitalise and spell; otherwise it must leave them alone. */
  readonly prose?: boolean;
  readonly errors: readonly FieldError[];
}

/** One line that must be filled in. */
export function TextField({ type = 'text', numeric = false, prose = false, ...props }: TextFieldProps) {
  const { id, label, hint, value, autocomplete = 'off', errors } = props;
  return (
    <Field
      id={id}
      label={label}
      {...(hint === undefined ? {} : { hint })}
      errors={errors}
      control={(aria) => (
        <input
          {...(type === 'password' ? ({ type: 'password' } as const) : ({ type: 'text' } as const))}
          class={numeric ? 'b-input b-input-code' : 'b-input'}
          id={id}
          name={id}
          value={value}
          autocomplete={autocomplete}
          inputMode={numeric ? 'numeric' : undefined}
          autocapitalize={prose ? undefined : 'none'}
          spellcheck={prose ? undefined : false}
          required
          aria-describedby={aria.describedBy}
          aria-invalid={aria.invalid || undefined}
        />
      )}
    />
  );
}

interface Option {
  readonly value: string;
  readonly label: string;
}

interface GroupProps {
  readonly name: string;
  readonly legend: string;
  readonly options: readonly Option[];
  readonly errors: readonly FieldError[];
}

/** A legend, its error and a control for each option; the first bears the group's id, so that the summary's link lands on it. */
function Group(props: GroupProps & { readonly control: (option: Option, id: string) => ComponentChildren }) {
  const { name, legend, options, errors, control } = props;
  const error = errors.find((e) => e.field === name);
  return (
    <fieldset
      class={error === undefined ? 'b-field' : 'b-field b-field-wrong'}
      aria-describedby={error === undefined ? undefined : `${name}-errore`}
    >
      <legend>{legend}</legend>
      {error === undefined ? null : (
        <p class="b-field-error" id={`${name}-errore`}>
          {error.message}
        </p>
      )}
      {options.map((option, i) => {
        const id = i === 0 ? name : `${name}-${option.value}`;
        return (
          <div class="b-choice" key={option.value}>
            {control(option, id)}
            <label for={id}>{option.label}</label>
          </div>
        );
      })}
    </fieldset>
  );
}

/** Radio buttons. */
export function Choices({ selected, ...group }: GroupProps & { readonly selected: string }) {
  return (
    <Group
      {...group}
      control={({ value }, id) => (
        <input type="radio" id={id} name={group.name} value={value} checked={value === selected} required />
      )}
    />
  );
}

/** Boxes to tick; each travels by a name of its own, `<name>-<value>`. */
export function Checks({ checked, ...group }: GroupProps & { readonly checked: readonly string[] }) {
  return (
    <Group
      {...group}
      control={({ value }, id) => (
        <input type="checkbox" id={id} name={`${group.name}-${value}`} value="si" checked={checked.includes(value)} />
      )}
    />
  );
}

export function Hidden({ name, value }: { name: string; value: string }) {
  return <input type="hidden" name={name} value={value} />;
}

export function SubmitButton({ children, secondary = false }: { children: ComponentChildren; secondary?: boolean }) {
  return (
    <button class={secondary ? 'btn btn-outline-primary' : 'btn btn-primary'} type="submit">
      {children}
    </button>
  );
}
