import { type Flag, value } from './flags.ts';

/** `--filter name=value`, gathered by name. */
export const filterFlag = (
  usage: string,
  short?: string,
): Flag<Readonly<Record<string, readonly string[]>>> =>
  value('filter', usage, {
    initial: {} as Readonly<Record<string, readonly string[]>>,
    ...(short !== undefined && { short }),
    read: (text, current) => {
      if (text === '') return current;
      const equals = text.indexOf('=');
      if (equals < 0) throw new Error('bad format of filter (expected name=value)');
      const name = text.slice(0, equals).trim().toLowerCase();
      const wanted = text.slice(equals + 1).trim();
      return { ...current, [name]: [...(current[name] ?? []), wanted] };
    },
  });
