import { constants } from 'node:os';
import { invalid } from './errors.ts';

const realTimeMinimum = 34;
const realTimeMaximum = 64;

/** `KILL`, `SIGKILL`, `9`, `RTMIN+3`: its number. @throws {EngineError} `invalid` in Docker's words */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : named(text.toUpperCase().replace(/^SIG/, ''));
  if (number === undefined || number < 1 || number > realTimeMaximum)
    throw invalid(`invalid signal: ${text}`);
  return number;
}

function named(name: string): number | undefined {
  const realTime = /^RT(MIN|MAX)([+-]\d+)?$/.exec(name);
  if (realTime !== null)
    return (realTime[1] === 'MIN' ? realTimeMinimum : realTimeMaximum) + Number(realTime[2] ?? 0);
  return (constants.signals as Readonly<Record<string, number>>)[`SIG${name}`];
}

export const SIGTERM = 15;
export const SIGKILL = 9;
