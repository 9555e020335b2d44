import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

export const Button = ({
  look = 'plain',
  icon,
  isBusy = false,
  children,
  type = 'button',
  ...rest
}: Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'type' | 'class'> & {
  readonly look?: Look;
  readonly icon?: IconName;
  readonly isBusy?: boolean;
  readonly type?: 'button' | 'submit';
  readonly children: ComponentChildren;
}) => (
  <button type={type} class={`button button-${look}${isBusy ? ' is-busy' : ''}`} aria-busy={isBusy} {...rest}>
    {icon !== undefined && <Icon name={icon} />}
    <span>{children}</span>
  </button>
);

/** A link that looks as a button does. */
export const ButtonLink = ({
  look = 'plain',
  icon,
  href,
  children,
}: {
  readonly look?: Look;
  readonly icon?: IconName;
  readonly href: string;
  readonly children: ComponentChildren;
}) => (
  <a class={`button button-${look}`} href={href}>
    {icon !== undefined && <Icon name={icon} />}
    <span>{children}</span>
  </a>
);
