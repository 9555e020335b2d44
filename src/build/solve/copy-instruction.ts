import { posix } from 'node:path';
import type { FileSource } from '#archive/file-source.ts';
import { invalid } from '#base/errors.ts';
import { MountedFiles } from '#snapshot/index.ts';
import type { CopyRequest } from '../copy/copy.ts';
import type { CopyInstruction } from '../dockerfile/syntax.ts';
import { classicText } from './history-text.ts';
import { storeLayer } from './layer.ts';
import { mountSource } from './mount-source.ts';
import type { StepContext, StepOutcome } from './solve.ts';
import { beneath, findOrMake, outcomeOf } from './step.ts';

/** COPY and ADD: files of somewhere else as a layer. */
export async function copyStep(context: StepContext, instruction: CopyInstruction): Promise<StepOutcome> {
  const { solve, state, expand } = context;
  const { rooms } = solve.options;
  if (solve.style === 'classic' && instruction.from === undefined) checkInside(instruction.sources);
  const source = await mountSource(context, instruction.from);
  await using opened = new AsyncDisposableStack();
  const files = source.context ?? (await layersAsFiles(context, source.from, opened));
  const request: CopyRequest = {
    kind: instruction.kind,
    sources: instruction.sources.map((word) => (word.startsWith('<<') ? word : expand.word(word))),
    heredocs: instruction.heredocs.map((document) =>
      document.expand ? { ...document, content: expand.document(document.content) } : document,
    ),
    destination: expand.word(instruction.destination),
    workingDirectory: state.config.WorkingDir || '/',
    ...(instruction.chown === undefined ? {} : { chown: expand.word(instruction.chown) }),
    ...(instruction.chmod === undefined ? {} : { chmod: expand.word(instruction.chmod) }),
    ...(instruction.checksum === undefined ? {} : { checksum: expand.word(instruction.checksum) }),
    ...(instruction.unpack === undefined ? {} : { unpack: instruction.unpack }),
    ...(solve.style === 'classic' ? { style: 'classic' as const } : {}),
    link: instruction.link === true,
    parents: instruction.parents === true,
    keepGitDir: instruction.keepGitDir === true,
    exclude: instruction.exclude.map((pattern) => expand.word(pattern)),
    from: files,
    ...(source.context === undefined ? { fromKey: source.digestOf('/') } : {}),
    epoch: state.epoch,
  };
  const plan = opened.use(await rooms.planCopy(request, { contexts: rooms.contexts, signal: solve.signal }));
  const inputs = new Map<string, string>([
    ['kind', instruction.kind],
    ...(request.link ? [] : ([['step before', beneath(state)]] as const)),
    [
      instruction.from === undefined ? 'files and options' : `what it copies from ${instruction.from}`,
      plan.digest,
    ],
    ['time', String(state.epoch)],
  ]);
  const found = await findOrMake(
    context,
    instruction.original,
    inputs,
    async ({ signal, held }) => {
      if (request.link) return storeLayer(rooms, plan.layer(undefined), { signal, held });
      await using view = await rooms.snapshotter.view(state.layers);
      using root = new MountedFiles(view.fd);
      return await storeLayer(rooms, plan.layer(root), { signal, held });
    },
    () => new Map([...plan.files].map(([path, digest]) => [`file ${path}`, digest])),
  );
  const text =
    solve.style === 'classic' ? classicCopy(context, request, plan.classicName) : copyText(request);
  return outcomeOf(state, text, found);
}

/** The classic builder refuses what BuildKit takes from the context's root. */
function checkInside(sources: readonly string[]): void {
  for (const source of sources)
    if (posix.normalize(source).startsWith('..'))
      throw invalid(`COPY failed: forbidden path outside the build context: ${source} ()`);
}

/** As the classic builder writes it, its missing blank too. */
const classicCopy = (
  { state }: StepContext,
  { kind, chown, destination }: CopyRequest,
  name: string,
): string =>
  classicText(state, `${kind} ${chown === undefined ? '' : `--chown=${chown}`}${name} in ${destination} `);

/** As BuildKit does. */
function copyText({ kind, sources, destination, chown, chmod, parents, link }: CopyRequest): string {
  const flags = [
    ...(parents ? ['--parents'] : []),
    ...(chown === undefined ? [] : [`--chown=${chown}`]),
    ...(chmod === undefined ? [] : [`--chmod=${chmod}`]),
    ...(link ? ['--link'] : []),
  ];
  return `${[kind, ...flags, ...sources, destination].join(' ')} # buildkit`;
}

async function layersAsFiles(
  { solve }: StepContext,
  from: Awaited<ReturnType<typeof mountSource>>['from'],
  opened: AsyncDisposableStack,
): Promise<FileSource> {
  if ('files' in from) return from.files;
  const view = opened.use(await solve.options.rooms.snapshotter.view(from.layers));
  return opened.use(new MountedFiles(view.fd));
}
