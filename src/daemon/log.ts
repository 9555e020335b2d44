import { writeSync } from 'node:fs';
import { createLog, type Log, type LogLevel } from '#base/log.ts';

/** A log on standard error whose level can change while it is in use. */
export interface DaemonLog extends Log {
  setLevel(level: LogLevel): void;
}

export function openDaemonLog(level: LogLevel): DaemonLog {
  const write = (line: string) => {
    try {
      writeSync(2, line);
    } catch {
      // A full disk, or a reader that is gone: what runs here goes on without a log.
    }
  };
  let log = createLog({ level, write });
  return {
    debug: (message, fields) => log.debug(message, fields),
    info: (message, fields) => log.info(message, fields),
    warn: (message, fields) => log.warn(message, fields),
    error: (message, fields) => log.error(message, fields),
    setLevel: (next) => {
      log = createLog({ level: next, write });
    },
  };
}
