import { type FlagSet, text, type Values } from '../flags.ts';
import { optionalInt } from './flags.ts';

/** The flags of `stop` and `restart`. */
export const stopFlags = {
  signal: text('Signal to send to the container', { short: 's' }),
  // the name that `timeout` had before
  time: {
    ...optionalInt('Seconds to wait before killing the container'),
    deprecated: 'use --timeout instead',
  },
  timeout: optionalInt('Seconds to wait before killing the container', 't'),
} satisfies FlagSet;

/** How long to wait; undefined leaves it to the container. */
export const seconds = ({
  timeout,
  time,
}: Pick<Values<typeof stopFlags>, 'timeout' | 'time'>): number | undefined => timeout ?? time;
