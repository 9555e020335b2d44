import { invalid } from '#base/errors.ts';
import { capabilityMask } from '#linux/capabilities.ts';
import type { CapabilitySet, RuntimeProcess } from '#oci/runtime-spec.ts';
import { EXECFLAG } from '../protocol.ts';
import type { Field, Operation } from './tape.ts';

/** asm-generic/resource.h (RLIMIT_*) */
export const rlimitNames: readonly string[] = [
  'RLIMIT_CPU',
  'RLIMIT_FSIZE',
  'RLIMIT_DATA',
  'RLIMIT_STACK',
  'RLIMIT_CORE',
  'RLIMIT_RSS',
  'RLIMIT_NPROC',
  'RLIMIT_NOFILE',
  'RLIMIT_MEMLOCK',
  'RLIMIT_AS',
  'RLIMIT_LOCKS',
  'RLIMIT_SIGPENDING',
  'RLIMIT_MSGQUEUE',
  'RLIMIT_NICE',
  'RLIMIT_RTPRIO',
  'RLIMIT_RTTIME',
];

const defaultUmask = 0o022;

/** Whatever is done while the host's /proc is still there. */
export function hostProcOperations(process: RuntimeProcess): Operation[] {
  const profile = process.apparmorProfile ?? '';
  const label = process.selinuxLabel ?? '';
  return [
    ['OOM_SCORE', process.oomScoreAdj ?? 0],
    ...(profile === '' ? [] : [['LABEL', 'apparmor/exec', `exec ${profile}`] satisfies Operation]),
    ...(label === '' ? [] : [['LABEL', 'exec', label] satisfies Operation]),
  ];
}

/**
 * From a process in its namespaces to the program it runs: the last part of every tape.
 *
 * Without no_new_privs the filter needs the privileges that are given up after it; with it, it comes last, so that it
 * need not allow our own calls. That is runc's order. Limits come when no more files are opened.
 */
export function processOperations(
  process: RuntimeProcess,
  options: { readonly init?: boolean; readonly seccomp: readonly Operation[] },
): Operation[] {
  const { user } = process;
  const early = process.noNewPrivileges === true ? [] : options.seccomp;
  const late = process.noNewPrivileges === true ? options.seccomp : [];
  return [
    ['UMASK', user.umask ?? defaultUmask],
    ...(process.noNewPrivileges === true ? [['NO_NEW_PRIVILEGES'] satisfies Operation] : []),
    ['STREAMS', user.uid],
    ...(process.rlimits ?? []).map(rlimit),
    ...early,
    ...(process.capabilities ? [['BOUNDING', maskOf(process, 'bounding')] satisfies Operation] : []),
    ['USER', user.uid, user.gid, ...(user.additionalGids ?? [])],
    ...(process.capabilities ? [capabilities(process)] : []),
    ['DIRECTORY', process.cwd],
    ['PROGRAM', 0, ...candidates(process)],
    ['WAIT'],
    ...late,
    execOperation(process, options.init === true),
  ];
}

function execOperation({ args, env }: RuntimeProcess, init: boolean): Operation {
  const strings: Field[] = [...args, ...env];
  return ['EXEC', init ? EXECFLAG.INIT : 0, args.length, env.length, ...strings];
}

/** Where the program may be: itself when it names a path, else in each folder of PATH. */
function candidates({ args, env }: RuntimeProcess): readonly string[] {
  const [name] = args;
  if (name === undefined || name === '') return [];
  if (name.includes('/')) return [name];
  const path = env.findLast((variable) => variable.startsWith('PATH='))?.slice('PATH='.length) ?? '';
  return path.split(':').flatMap((folder) => (folder === '' ? [] : [`${folder.replace(/\/$/, '')}/${name}`]));
}

const maskOf = ({ capabilities }: RuntimeProcess, set: CapabilitySet): bigint =>
  capabilityMask(capabilities?.[set] ?? []);

const capabilities = (process: RuntimeProcess): Operation => [
  'CAPABILITIES',
  maskOf(process, 'effective'),
  maskOf(process, 'permitted'),
  maskOf(process, 'inheritable'),
  maskOf(process, 'ambient'),
];

function rlimit({ type, soft, hard }: NonNullable<RuntimeProcess['rlimits']>[number]): Operation {
  const resource = rlimitNames.indexOf(type);
  if (resource < 0) throw invalid(`invalid rlimit type: ${type}`);
  return ['RLIMIT', resource, 0, limit(soft), limit(hard), type];
}

/** -1, and what is past a number's precision, is no limit: RLIM_INFINITY. */
const limit = (value: number): bigint => (value < 0 || value >= 2 ** 63 ? -1n : BigInt(value));
