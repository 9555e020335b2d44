import { invalid } from '#base/errors.ts';

/** Gives a file its mode, from the one it has. */
export type ModeChange = (mode: number, isDirectory: boolean) => number;

/**
 * `--chmod`: octal (`0755`), or symbolic as chmod(1) has it (`u=rwX,go=rX`, `a+x`, `-w`).
 *
 * @throws {EngineError} `invalid`
 */
export function modeChange(text: string): ModeChange {
  if (/^0?[0-7]{1,4}$/.test(text)) {
    const mode = Number.parseInt(text, 8);
    return () => mode;
  }
  const clauses = text.split(',').map((clause) => symbolic(clause, text));
  return (mode, isDirectory) => clauses.reduce((now, change) => change(now, isDirectory), mode);
}

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

function symbolic(clause: string, text: string): ModeChange {
  const found = /^([ugoa]*)((?:[-+=][rwxXst]*|[-+=][ugo])+)$/.exec(clause);
  if (found === null)
    throw invalid(
      `invalid chmod parameter: '${text.slice(0, 100)}'. it should be octal string and between 0 and 07777`,
    );
  const who = found[1] === '' || found[1]!.includes('a') ? ['u', 'g', 'o'] : [...new Set(found[1])];
  const actions = [...found[2]!.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)];
  return (mode, isDirectory) =>
    actions.reduce(
      (now, [, operator = '', permissions = '']) => applied(now, { who, operator, permissions, isDirectory }),
      mode,
    );
}

function applied(
  mode: number,
  action: {
    readonly who: readonly string[];
    readonly operator: string;
    readonly permissions: string;
    readonly isDirectory: boolean;
  },
): number {
  const { who, operator, permissions, isDirectory } = action;
  let next = mode;
  for (const one of who) {
    const bits = bitsOf(permissions, { mode, one, isDirectory });
    const whole = (7 << shifts[one]!) | specialOf('st', one);
    // a directory's set-id bits stay unless they are named, as chmod(1) has it
    const cleared = isDirectory ? whole & ~specialOf('s', one) : whole;
    if (operator === '=') next = (next & ~cleared) | bits;
    else if (operator === '+') next |= bits;
    else next &= ~bits;
  }
  return next;
}

function bitsOf(
  permissions: string,
  { mode, one, isDirectory }: { readonly mode: number; readonly one: string; readonly isDirectory: boolean },
): number {
  const shift = shifts[one]!;
  if (/^[ugo]$/.test(permissions)) return ((mode >> shifts[permissions]!) & 7) << shift;
  let bits = 0;
  for (const permission of permissions) {
    if (permission === 'r') bits |= 4 << shift;
    else if (permission === 'w') bits |= 2 << shift;
    else if (permission === 'x') bits |= 1 << shift;
    else if (permission === 'X') bits |= isDirectory || (mode & 0o111) !== 0 ? 1 << shift : 0;
    else bits |= specialOf(permission, one);
  }
  return bits;
}

function specialOf(permissions: string, one: string): number {
  let bits = 0;
  if (permissions.includes('s') && one === 'u') bits |= 0o4000;
  if (permissions.includes('s') && one === 'g') bits |= 0o2000;
  if (permissions.includes('t') && one === 'o') bits |= 0o1000;
  return bits;
}
