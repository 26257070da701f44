import { type ReactNode, useId, useState } from 'react';
import { useFormats, useTexts } from '../i18n/language.tsx';
import { texts } from '../i18n/texts.ts';
import { unfit } from '../lib/unfit.ts';
import { useTried } from './form.tsx';

const fieldTexts = texts({
  en: {
    missing: 'Please fill this in.',
    atLeast: (least: string) => `A whole number of at least ${least}.`,
    between: (least: string, most: string) => `A whole number from ${least} to ${most}.`,
    characters: (list: readonly string[]) =>
      `Not allowed: ${list.map((each) => (each === ' ' ? 'blanks' : `“${each}”`)).join(', ')}`,
    short: 'Too short.',
    long: 'Too long.',
    other: 'This name cannot be used.',
  },
  zh: {
    missing: '请填写此项。',
    atLeast: (least: string) => `请输入不小于 ${least} 的整数。`,
    between: (least: string, most: string) => `请输入 ${least}~${most} 的整数。`,
    characters: (list: readonly string[]) =>
      `不支持的字符：${list.map((each) => (each === ' ' ? '空格' : `“${each}”`)).join('、')}`,
    short: '长度不足。',
    long: '长度超出限制。',
    other: '不能使用此名称。',
  },
});

interface FieldProps {
  readonly label: string;
  /** What may be entered, or what it does. */
  readonly hint?: ReactNode;
  /** What is wrong with the present value; the input is then marked invalid. */
  readonly error?: string | undefined;
  /** As `error`, but not said before the field is left or its form is to be sent: who types is not done. */
  readonly wrong?: string | undefined;
}

interface ControlProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
  readonly onBlur: () => void;
}

interface OwnFieldProps extends FieldProps {
  /** Nothing is entered and something has to be: not said before the form is to be sent. */
  readonly missing?: boolean;
  readonly children: (control: ControlProps) => ReactNode;
}

/** A label, the control that it names, and what is said about it. */
export function Field({ label, hint, error: known, wrong, missing = false, children }: OwnFieldProps) {
  const t = useTexts(fieldTexts);
  const id = useId();
  const tried = useTried();
  const [left, setLeft] = useState(false);
  const error = known ?? (tried && missing ? t.missing : tried || left ? wrong : undefined);
  const about = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter((each) => each !== '').join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': about || undefined,
        'aria-invalid': error ? true : undefined,
        onBlur: () => setLeft(true),
      })}
      {hint && (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <div className="field-error" id={`${id}-error`}>
          {error}
        </div>
      )}
    </div>
  );
}

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What a name has to be, blanks around it aside. */
  readonly rule?: (text: string) => boolean;
  readonly type?: 'text' | 'password' | 'search' | 'number' | 'datetime-local';
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number | 'any';
  readonly placeholder?: string;
  readonly autoComplete?: string;
  readonly spellCheck?: boolean;
  /** Offered while one types, those that contain it; anything else may be entered, too. */
  readonly choices?: readonly string[] | undefined;
}

export function TextField({
  label,
  hint,
  error,
  wrong,
  rule,
  onChange,
  type = 'text',
  choices,
  ...input
}: TextFieldProps) {
  const list = useId();
  const misnamed = useUnfit(input.value, rule);
  const range = useRange(type === 'number' ? input : { value: '' });
  const missing = input.required === true && input.value.trim() === '';
  return (
    <Field label={label} hint={hint} error={error} wrong={wrong ?? misnamed ?? range} missing={missing}>
      {(control) => (
        <>
          <input
            {...control}
            {...input}
            {...(choices && { list, autoComplete: 'off' })}
            type={type}
            onChange={(event) => onChange(event.target.value)}
          />
          {choices && (
            <datalist id={list}>
              {choices.map((choice) => (
                <option key={choice} value={choice} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}

/** What is wrong with a name. */
function useUnfit(value: string, rule: TextFieldProps['rule']) {
  const t = useTexts(fieldTexts);
  const found = rule && unfit(value.trim(), rule);
  return found && (found.why === 'characters' ? t.characters(found.characters) : t[found.why]);
}

/** What is wrong with a number that is no whole one, or lies beyond its bounds. */
function useRange({ value, min, max, step = 1 }: Pick<TextFieldProps, 'value' | 'min' | 'max' | 'step'>) {
  const t = useTexts(fieldTexts);
  const formats = useFormats();
  if (value === '' || min === undefined || step !== 1) return undefined;
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= (max ?? number)) return undefined;
  return max === undefined ? t.atLeast(formats.number(min)) : t.between(formats.number(min), formats.number(max));
}

interface TextAreaProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly rows?: number;
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly placeholder?: string;
}

export function TextArea({ label, hint, error, wrong, onChange, rows = 3, ...input }: TextAreaProps) {
  const missing = input.required === true && input.value.trim() === '';
  return (
    <Field label={label} hint={hint} error={error} wrong={wrong} missing={missing}>
      {(control) => <textarea {...control} {...input} rows={rows} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

interface SelectFieldProps<V extends string> extends FieldProps {
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly options: readonly { readonly value: V; readonly name: string }[];
  /** The empty choice is none. */
  readonly required?: boolean;
  readonly disabled?: boolean;
}

export function SelectField<V extends string>({
  label,
  hint,
  error,
  wrong,
  value,
  onChange,
  options,
  required = false,
  disabled = false,
}: SelectFieldProps<V>) {
  return (
    <Field label={label} hint={hint} error={error} wrong={wrong} missing={required && value === ''}>
      {(control) => (
        <select {...control} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value as V)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckFieldProps {
  readonly label: string;
  readonly hint?: string;
  /** Why the form cannot be sent as it is ticked or not; said when somebody tries. */
  readonly wrong?: string | undefined;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}

export function CheckField({ label, hint, wrong, checked, onChange, disabled = false }: CheckFieldProps) {
  const id = useId();
  const tried = useTried();
  const error = tried ? wrong : undefined;
  const about = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter((each) => each !== '').join(' ');
  return (
    <div className="check">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={about || undefined}
        aria-invalid={error ? true : undefined}
        onChange={(event) => onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {hint && (
          <div className="field-hint" id={`${id}-hint`}>
            {hint}
          </div>
        )}
        {error && (
          <div className="field-error" id={`${id}-error`}>
            {error}
          </div>
        )}
      </div>
    </div>
  );
}

interface ChoiceProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly onChange: (value: V) => void;
  readonly options: readonly { readonly value: V; readonly name: string; readonly hint?: string }[];
}

/** One of a few, all of them in sight. */
export function Choice<V extends string>({ label, value, onChange, options }: ChoiceProps<V>) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend>{label}</legend>
      {options.map((option) => (
        <label key={option.value} className={option.value === value ? 'chosen' : undefined}>
          <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
          <span>
            {option.name}
            {option.hint && <span className="field-hint">{option.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
