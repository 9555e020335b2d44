import { forbidden } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { formatPlatform } from '#oci/platform.ts';
import { inputOf } from '../cache/keys.ts';
import type { RunInstruction } from '../dockerfile/syntax.ts';
import type { StepMount } from '../run/run-step.ts';
import { isPredefined } from './arguments.ts';
import { checkDevices } from './devices.ts';
import { envMap } from './env.ts';
import { runText } from './history-text.ts';
import { ProcessFailure } from './located.ts';
import { commandWords } from './metadata.ts';
import type { StepContext, StepOutcome } from './solve.ts';
import { beneath, findOrMake, outcomeOf } from './step.ts';
import { stepMounts } from './step-mounts.ts';
import { surroundingsOf } from './surroundings.ts';

/** A RUN: a process on what is built so far, whose changes are a layer. */
export async function runStep(context: StepContext, instruction: RunInstruction): Promise<StepOutcome> {
  const { solve, state } = context;
  const { request, rooms } = solve.options;
  checkDevices(instruction.devices ?? []);
  const mounts = await stepMounts(context, instruction);
  const script = scriptOf(instruction);
  const command =
    script === undefined
      ? instruction.command
      : script.startsWith('#!')
        ? ({ form: 'exec', words: [scriptPath] } as const)
        : ({ form: 'shell', text: script } as const);
  const args = commandWords(command, state.config);
  const network = instruction.network ?? (request.network || 'default');
  const insecure = instruction.security === 'insecure';
  checkAllowed(request.allow ?? [], { network: instruction.network, insecure });
  const surroundings = surroundingsOf(request);
  rooms.runner.check(surroundings);
  const variables = environmentOf(context);
  const inputs = new Map<string, string>([
    ['kind', 'RUN'],
    ['step before', beneath(state)],
    ['command', inputOf([args, script ?? ''])],
    ['working directory', state.config.WorkingDir || '/'],
    ['user', state.config.User ?? ''],
    ['network', network],
    ['security', String(insecure)],
    ['platform', formatPlatform(state.platform)],
    ['time', String(state.epoch)],
    ['hosts', inputOf(request.extraHosts ?? [])],
    ...[...variables.declared].map(([name, value]) => [`argument ${name}`, inputOf(value)] as const),
    ...[...envMap(state.config.Env ?? [])].map(
      ([name, value]) => [`variable ${name}`, inputOf(value)] as const,
    ),
    ...mounts.inputs,
  ]);
  const found = await findOrMake(context, instruction.original, inputs, async ({ tell, signal, held }) => {
    const result = await rooms.runner.run({
      id: newId(),
      layers: state.layers,
      args,
      env: variables.env,
      workingDirectory: state.config.WorkingDir || '/',
      user: state.config.User ?? '',
      mounts: script?.startsWith('#!') ? [...mounts.mounts, scriptMount(script)] : mounts.mounts,
      network,
      insecure,
      surroundings,
      output: (stream, bytes) => tell({ stream, bytes }),
      epoch: state.epoch,
      signal,
    });
    held.use(result.held);
    if (result.exitCode !== 0) throw processFailure(context, args, result);
    return { layer: result.layer, size: result.size };
  });
  const shown = runText(shownArguments(context), args);
  const text = solve.style === 'classic' ? shown : `RUN ${shown} # buildkit`;
  return outcomeOf(state, text, found);
}

function processFailure(
  { solve }: StepContext,
  args: readonly string[],
  { exitCode, oomKilled }: { readonly exitCode: number; readonly oomKilled: boolean },
): ProcessFailure {
  const why = oomKilled ? ' (out of memory)' : '';
  const message =
    solve.style === 'classic'
      ? `The command '${args.join(' ')}' returned a non-zero code: ${exitCode}${why}`
      : `process ${JSON.stringify(args.join(' '))} did not complete successfully: exit code: ${exitCode}${why}`;
  return new ProcessFailure(message, exitCode);
}

/** ARGs in force that are no predefined ones: what keys and history show. */
const declaredOnly = ({ state }: StepContext): ReadonlyMap<string, string | undefined> =>
  new Map([...state.args].filter(([name]) => !isPredefined(name)));

/**
 * The arguments that history shows: BuildKit every one, with what ENV makes of it; the classic builder those that have a
 * value which no ENV takes the place of, by name.
 */
function shownArguments(context: StepContext): readonly (readonly [string, string])[] {
  const own = envMap(context.state.config.Env ?? []);
  const all = [...declaredOnly(context)];
  if (context.solve.style !== 'classic')
    return all.map(([name, value]) => [name, own.get(name) ?? value ?? '']);
  return all
    .flatMap(([name, value]) => (value === undefined || own.has(name) ? [] : [[name, value] as const]))
    .sort();
}

/** The environment of the process: ENV wins over ARG, and proxies come along unseen. */
function environmentOf(context: StepContext): {
  readonly env: readonly string[];
  readonly declared: ReadonlyMap<string, string>;
} {
  const { solve, state } = context;
  const declared = new Map<string, string>(state.inherited);
  for (const [name, value] of declaredOnly(context)) if (value !== undefined) declared.set(name, value);
  const proxies = [...solve.given].filter(([name]) => isPredefined(name));
  const own = envMap(state.config.Env ?? []);
  const all = new Map([...proxies, ...declared, ...own]);
  return { env: [...all].map(([name, value]) => `${name}=${value}`), declared };
}

/** `RUN <<EOF`: the document itself is what runs. With a command before it, the shell gets both. */
function scriptOf({ command, heredocs }: RunInstruction): string | undefined {
  if (heredocs.length === 0 || command.form === 'exec') return undefined;
  const [first] = heredocs;
  if (heredocs.length === 1 && /^<<-?\s*(["']?)[\w.-]+\1\s*$/.test(command.text)) return first!.content;
  const documents = heredocs.map(({ content, name }) => `\n${content}${name}`).join('');
  return `${command.text}${documents}\n`;
}

const scriptPath = '/dev/pipes/EOF';

/** A document that names its interpreter is a file to run. */
const scriptMount = (script: string): StepMount => ({
  type: 'secret',
  id: 'heredoc',
  content: Buffer.from(script),
  target: scriptPath,
  mode: 0o755,
  uid: 0,
  gid: 0,
});

function checkAllowed(
  allowed: readonly string[],
  asked: { readonly network: string | undefined; readonly insecure: boolean },
): void {
  if (asked.insecure && !allowed.includes('security.insecure'))
    throw forbidden('security.insecure is not allowed: give --allow security.insecure');
  if (asked.network === 'host' && !allowed.includes('network.host'))
    throw forbidden('network.host is not allowed: give --allow network.host');
}
