/** Severity, most talkative first. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type LogFields = Readonly<Record<string, unknown>>;

/** A line is a fixed message and fields: `log.info('container exited', { id, exitCode })`. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A log that writes lines of `time=… level=… msg=… key=value` (logfmt, as dockerd's) at or above `level`. */
export function createLog(options: {
  readonly level: LogLevel;
  readonly write: (line: string) => void;
  readonly now?: () => Date;
}): Log {
  const floor = levels.indexOf(options.level);
  const now = options.now ?? (() => new Date());
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (levels.indexOf(level) >= floor) options.write(line(now(), level, message, fields));
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A log that says nothing: for the library's default and for tests. */
export const silentLog: Log = createLog({ level: 'error', write: () => undefined });

function line(time: Date, level: LogLevel, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${quoted(value)}`);
  return `time=${time.toISOString()} level=${level} msg=${quoted(message)}${pairs.join('')}\n`;
}

function quoted(value: unknown): string {
  const text =
    value instanceof Error ? value.message : typeof value === 'string' ? value : JSON.stringify(value);
  return /^[\w./:@-]+$/.test(text ?? '') ? text : JSON.stringify(text ?? null);
}
