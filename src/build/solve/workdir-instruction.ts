import type { FileInfo, FileSource } from '#archive/file-source.ts';
import { endOfTar, headerOf } from '#archive/index.ts';
import { type ByteString, fromText } from '#archive/tar-entry.ts';
import { MountedFiles } from '#snapshot/index.ts';
import { resolvePath } from '../copy/resolve-path.ts';
import type { WorkdirInstruction } from '../dockerfile/syntax.ts';
import { classicText } from './history-text.ts';
import { storeLayer } from './layer.ts';
import { workingDirectory } from './metadata.ts';
import type { StepContext, StepOutcome } from './solve.ts';
import { beneath, findOrMake, outcomeOf } from './step.ts';

/** WORKDIR: a directory that is made when it is not there, and where later commands run. */
export async function workdirStep(
  context: StepContext,
  instruction: WorkdirInstruction,
): Promise<StepOutcome> {
  const { solve, state, expand } = context;
  const { rooms } = solve.options;
  const path = workingDirectory(state.config.WorkingDir ?? '', expand.word(instruction.text));
  const inputs = new Map<string, string>([
    ['kind', 'WORKDIR'],
    ['step before', beneath(state)],
    ['path', path],
    ['time', String(state.epoch)],
  ]);
  const found = await findOrMake(context, instruction.original, inputs, async ({ signal, held }) => {
    await using view = await rooms.snapshotter.view(state.layers);
    using root = new MountedFiles(view.fd);
    return await storeLayer(rooms, directories(root, path, state.epoch), { signal, held });
  });
  const text = solve.style === 'classic' ? classicText(state, `WORKDIR ${path}`) : `WORKDIR ${path}`;
  const next = { ...state, config: { ...state.config, WorkingDir: path } };
  return outcomeOf(next, text, found);
}

/** A tar of those directories of a path that are not there; what is above them stays as it is. */
async function* directories(root: FileSource, path: string, epoch: number): AsyncGenerator<Uint8Array> {
  const resolved = resolvePath(root, fromText(path));
  const parts = resolved.split('/').filter((part) => part !== '');
  const modified = { seconds: epoch, nanoseconds: 0 };
  let missing = false;
  const entries: Buffer[] = [];
  for (let count = 1; count <= parts.length; count += 1) {
    const name: ByteString = parts.slice(0, count).join('/');
    const there: FileInfo | undefined = missing ? undefined : root.find(name);
    missing = there === undefined;
    const {
      type: _type,
      identity: _identity,
      ...kept
    } = there ?? {
      mode: 0o755,
      uid: 0,
      gid: 0,
      modified,
      size: 0,
      type: '',
      identity: '',
    };
    entries.push(headerOf({ ...kept, name: `${name}/`, type: 'directory' }));
  }
  if (missing) yield* entries;
  yield endOfTar;
}
