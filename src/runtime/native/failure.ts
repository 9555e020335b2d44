import { getSystemErrorMessage } from 'node:util';
import { EngineError } from '#base/errors.ts';
import { errnoName } from '#linux/sys.ts';
import { OP, type OpName } from '../protocol.ts';

/** What the shim reports: the operation that failed, its errno (0 when no call failed), and what it was about. */
export interface Report {
  readonly op: number;
  readonly errno: number;
  readonly detail: string;
}

export type Attempt = 'create' | 'exec';

/** What was to be started, for the message. */
export interface Subject {
  readonly program: string;
  readonly mounts?: readonly { readonly source: string; readonly destination: string }[];
}

/** dockerd adds it whatever was no directory. */
const directoryHint =
  ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type';

const prefixes: Readonly<Record<Attempt, string>> = {
  create:
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: ',
  exec: 'OCI runtime exec failed: exec failed: unable to start container process: ',
};

const ENOENT = 2;
const ENOTDIR = 20;
const EISDIR = 21;
const EXDEV = 18;

/**
 * A failed start as Docker words it, since clients read the wording: `executable file not found` and `no such file or
 * directory` make exit code 127 of it, `permission denied` 126.
 *
 * What the person asked for and cannot have is `invalid`; what the machine refused is `internal`.
 */
export function startFailure(attempt: Attempt, report: Report, subject: Subject): EngineError {
  const name = opName(report.op);
  const kind = name === 'PROGRAM' || name === 'DIRECTORY' || name === 'BIND' ? 'invalid' : 'internal';
  const text = name === 'PROGRAM' ? programText(report, subject.program) : stepText(name, report, subject);
  const hint = attempt === 'create' && report.errno === ENOTDIR ? directoryHint : '';
  const message = `${prefixes[attempt]}${text}: unknown${hint}`;
  return new EngineError(
    kind,
    message,
    report.errno === 0 ? {} : { errno: report.errno, syscall: name ?? 'clone' },
  );
}

/** Go's words for where a program was looked for, and why it cannot run. */
function programText({ errno }: Report, program: string): string {
  const quoted = JSON.stringify(program);
  if (!program.includes('/')) return `exec: ${quoted}: executable file not found in $PATH`;
  if (errno === ENOENT) return `exec: ${quoted}: stat ${program}: ${reason(errno)}`;
  // Clients make exit code 126 of these words alone.
  if (errno === EISDIR) return `exec: ${quoted}: permission denied`;
  return `exec: ${quoted}: ${reason(errno)}`;
}

function stepText(name: OpName | undefined, { errno, detail }: Report, { mounts }: Subject): string {
  const why = reason(errno);
  switch (name) {
    case 'MOUNT':
    case 'BIND':
      if (errno === EXDEV)
        return `error during container init: ${JSON.stringify(detail)} cannot be mounted because it is inside /proc`;
      return `error during container init: error mounting ${mountText(detail, mounts)}: ${why}`;
    case 'DIRECTORY':
      return `error during container init: chdir to cwd (${JSON.stringify(detail)}) set in config.json failed: ${why}`;
    case 'SYSCTL':
      return `error during container init: open sysctl ${detail.replaceAll('/', '.')} file: ${why}`;
    case 'MAKE_DIRECTORY':
      return `error during container init: mkdir ${detail}: ${why}`;
    case 'CGROUP':
      return `unable to apply cgroup configuration: failed to write ${detail}: ${why}`;
    case undefined:
      return detail;
    default:
      return `error during container init: ${name.toLowerCase().replaceAll('_', ' ')}${detail && ` ${detail}`}: ${why}`;
  }
}

/** The shim names the source or the target, whichever could not be had; runc names both. */
function mountText(path: string, mounts: Subject['mounts'] = []): string {
  const mount = mounts.findLast(({ source, destination }) => source === path || destination === path);
  if (mount === undefined) return JSON.stringify(path);
  return `${JSON.stringify(mount.source)} to rootfs at ${JSON.stringify(mount.destination)}`;
}

/** What a warning says: a limit or capability that could not be had. Nothing, when nobody asked for it. */
export const warningTexts = (report: Report): readonly string[] =>
  opName(report.op) === 'OOM_SCORE' && report.detail === '0' ? [] : [warningText(report)];

function warningText(report: Report): string {
  switch (opName(report.op)) {
    case 'RLIMIT':
      return `Cannot raise ${report.detail} above its hard limit without CAP_SYS_RESOURCE: the hard limit is used`;
    case 'CAPABILITIES':
      return 'Capabilities that this engine does not have itself are left out';
    case 'OOM_SCORE':
      return `Cannot set oom_score_adj to ${report.detail}: ${reason(report.errno)}`;
    case 'MOUNT':
      return `Your kernel does not support the file system of ${report.detail}: it is left out`;
    default:
      return `${opName(report.op) ?? 'start'} ${report.detail}: ${reason(report.errno)}`;
  }
}

const names = new Map<number, OpName>(Object.entries(OP).map(([name, code]) => [code, name as OpName]));

const opName = (code: number): OpName | undefined => names.get(code);

/** Where libuv's words are not Go's. asm-generic/errno-base.h */
const goWords: Readonly<Record<number, string>> = {
  12: 'cannot allocate memory',
  16: 'device or resource busy',
  21: 'is a directory',
  36: 'file name too long',
  40: 'too many levels of symbolic links',
};

/** `permission denied` */
const reason = (errno: number): string =>
  errno === 0 ? '' : (goWords[errno] ?? getSystemErrorMessage(-errno) ?? errnoName(errno));
