import { invalid } from '#base/errors.ts';
import { inputOf } from '../cache/keys.ts';
import { type MountFlag, parseMount } from '../dockerfile/mount-flag.ts';
import type { RunInstruction } from '../dockerfile/syntax.ts';
import type { StepMount } from '../run/run-step.ts';
import { mountSource } from './mount-source.ts';
import type { StepContext } from './solve.ts';

/** The mounts of a RUN, and what of them is part of the step's key. */
export async function stepMounts(
  context: StepContext,
  instruction: RunInstruction,
): Promise<{
  readonly mounts: readonly StepMount[];
  readonly inputs: readonly (readonly [string, string])[];
}> {
  const mounts: StepMount[] = [];
  const inputs: (readonly [string, string])[] = [];
  for (const text of instruction.mounts) {
    const flag = parseMount(text, context.expand.word);
    const { mount, input } = await resolveMount(context, flag);
    mounts.push(mount);
    inputs.push(input);
  }
  return { mounts, inputs };
}

async function resolveMount(
  context: StepContext,
  flag: MountFlag,
): Promise<{ readonly mount: StepMount; readonly input: readonly [string, string] }> {
  const { options } = context.solve;
  const { request } = options;
  const absolute = (target: string) =>
    target.startsWith('/') ? target : `${context.state.config.WorkingDir || ''}/${target}`;
  switch (flag.type) {
    case 'bind': {
      const source = await mountSource(context, flag.from);
      const path = flag.source ?? '/';
      const target = absolute(flag.target);
      const content = source.digestOf(path);
      return {
        mount: { type: 'bind', target, source: path, writable: flag.writable, from: source.from },
        input: [`mount ${target}`, inputOf(['bind', path, flag.writable, content])],
      };
    }
    case 'cache': {
      const source = flag.from === undefined ? undefined : await mountSource(context, flag.from);
      const target = absolute(flag.target);
      const id = flag.id ?? target;
      return {
        mount: {
          type: 'cache',
          target,
          id,
          sharing: flag.sharing,
          readonly: flag.readonly,
          mode: flag.mode ?? 0o755,
          uid: flag.uid ?? 0,
          gid: flag.gid ?? 0,
          source: flag.source ?? '/',
          ...(source === undefined ? {} : { from: source.from }),
        },
        // what a cache holds is no input: that is what it is for
        input: [`mount ${target}`, inputOf(['cache', id, flag.readonly])],
      };
    }
    case 'tmpfs': {
      const target = absolute(flag.target);
      return {
        mount: { type: 'tmpfs', target, ...(flag.size === undefined ? {} : { size: flag.size }) },
        input: [`mount ${target}`, inputOf(['tmpfs', flag.size ?? 0])],
      };
    }
    case 'secret': {
      const given = request.secrets?.[flag.id];
      if (given === undefined && flag.required) throw invalid(`secret ${flag.id}: not found`);
      return {
        mount: {
          type: 'secret',
          id: flag.id,
          content: given === undefined ? undefined : Buffer.from(given, 'base64'),
          ...(flag.target === undefined ? {} : { target: absolute(flag.target) }),
          ...(flag.env === undefined ? {} : { env: flag.env }),
          mode: flag.mode ?? 0o400,
          uid: flag.uid ?? 0,
          gid: flag.gid ?? 0,
        },
        input: [`secret ${flag.id}`, inputOf(['secret', flag.target ?? '', flag.env ?? ''])],
      };
    }
    case 'ssh': {
      const connect = options.agent(flag.id);
      if (connect === undefined && flag.required) throw invalid(`unset ssh forward key ${flag.id}`);
      return {
        mount: {
          type: 'ssh',
          id: flag.id,
          connect,
          ...(flag.target === undefined ? {} : { target: absolute(flag.target) }),
          mode: flag.mode ?? 0o600,
          uid: flag.uid ?? 0,
          gid: flag.gid ?? 0,
        },
        input: [`ssh ${flag.id}`, inputOf(['ssh', flag.target ?? ''])],
      };
    }
  }
}
