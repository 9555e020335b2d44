import type { CallLocation, Outline, OutlineArg, OutlineNeed } from '#api/build-calls.ts';
import { hostPlatform, type Platform } from '#oci/platform.ts';
import { parseMount } from '../dockerfile/mount-flag.ts';
import type { ArgInstruction, Dockerfile, Instruction, Location, Stage } from '../dockerfile/syntax.ts';
import { buildArguments, platformArguments } from '../solve/arguments.ts';
import { stageNamed } from '../solve/stages.ts';
import { expandFrom, type GlobalScope, globalScope } from './bases.ts';
import { plannedStages } from './check.ts';
import { StageVariables } from './variables.ts';

export interface OutlineRequest {
  readonly buildArgs?: Readonly<Record<string, unknown>> | undefined;
  readonly target?: string | undefined;
  readonly platform?: Platform;
}

/**
 * What a target may be given: the arguments that the stages it reaches use, the secrets and agents that their steps mount.
 *
 * @throws {EngineError} `invalid` when there is no such target, or a stage cannot be read
 */
export function outlineOf(dockerfile: Dockerfile, request: OutlineRequest = {}): Outline {
  const given = buildArguments(request.buildArgs);
  const platform = platformArguments(request.platform ?? hostPlatform, request.target || '');
  const global = globalScope(dockerfile, given, platform);
  const found = new Found(dockerfile, global);
  const states = new Map<number, StageVariables>();
  const scope = { escape: dockerfile.directives.escape, given, global, platform };
  for (const { stage, parent } of plannedStages(dockerfile, request, global)) {
    const variables = new StageVariables(scope, states.get(parent ?? -1));
    states.set(stage.index, variables);
    found.useInFrom(stage);
    for (const instruction of stage.instructions) {
      variables.apply(instruction);
      found.see(instruction, variables);
    }
  }
  const { from, description } = targetOf(dockerfile, request.target);
  return {
    ...(from.name === undefined ? {} : { name: from.name.toLowerCase() }),
    ...(description === undefined ? {} : { description }),
    ...found.parts(),
    sources: [sourceOf(dockerfile)],
  };
}

const targetOf = ({ stages }: Dockerfile, target: string | undefined): Stage =>
  stages[target ? (stageNamed(stages, target, stages.length) ?? stages.length - 1) : stages.length - 1]!;

export const sourceOf = ({ lines }: Pick<Dockerfile, 'lines'>): string =>
  Buffer.from(lines.join('\n')).toString('base64');

export const callLocation = ({ start, end }: Location): CallLocation => ({
  ranges: [{ start: { line: start.line }, end: { line: end.line } }],
});

/** What stages use, each thing where it was met first. */
class Found {
  readonly #dockerfile: Dockerfile;
  readonly #global: GlobalScope;
  readonly #args = new Map<string, OutlineArg>();
  readonly #secrets = new Map<string, OutlineNeed>();
  readonly #ssh = new Map<string, OutlineNeed>();
  readonly #cache = new Map<string, { readonly ID: string; readonly location: CallLocation }>();

  constructor(dockerfile: Dockerfile, global: GlobalScope) {
    this.#dockerfile = dockerfile;
    this.#global = global;
  }

  useInFrom({ from }: Stage): void {
    for (const word of [from.base, from.platform ?? '']) this.#useIn(word);
  }

  /** The global ARGs in a text, and those in their own defaults. */
  #useIn(text: string): void {
    for (const name of expandFrom(text, this.#global, this.#dockerfile).matched)
      if (!this.#args.has(name)) this.#useGlobal(name);
  }

  #useGlobal(name: string): void {
    const instruction = this.#dockerfile.globalArgs.findLast(({ args }) =>
      args.some(({ key }) => key === name),
    );
    if (instruction === undefined) return;
    this.#addArg(instruction, name, this.#global.values.get(name));
    for (const { key, value } of instruction.args)
      if (key === name && value !== undefined) this.#useIn(value);
  }

  #addArg({ args, location }: ArgInstruction, name: string, value: string | undefined): void {
    if (this.#args.has(name)) return;
    const description = args.find(({ key }) => key === name)?.description;
    this.#args.set(name, {
      name,
      ...(description === undefined ? {} : { description }),
      ...(value ? { value } : {}),
      location: callLocation(location),
    });
  }

  see(instruction: Instruction, variables: StageVariables): void {
    if (instruction.kind === 'ARG')
      for (const { key, value } of instruction.args) {
        // one without a default that is global too is the global one
        if (value === undefined) this.#useGlobal(key);
        this.#addArg(instruction, key, variables.values.get(key));
      }
    if (instruction.kind === 'RUN')
      for (const text of instruction.mounts) this.#seeMount(text, instruction.location, variables);
  }

  #seeMount(text: string, location: Location, variables: StageVariables): void {
    const mount = parseMount(text, (value) => variables.expand(value));
    if (mount.type === 'cache') {
      const id = mount.id ?? mount.target;
      if (!this.#cache.has(id)) this.#cache.set(id, { ID: id, location: callLocation(location) });
    }
    if (mount.type !== 'secret' && mount.type !== 'ssh') return;
    const needs = mount.type === 'secret' ? this.#secrets : this.#ssh;
    if (needs.has(mount.id)) return;
    const required = mount.required ? { required: true } : {};
    needs.set(mount.id, { name: mount.id, ...required, location: callLocation(location) });
  }

  /** In the order of the Dockerfile. */
  parts(): Omit<Outline, 'sources'> {
    const listed = <T extends { readonly location?: CallLocation }>(
      of: ReadonlyMap<string, T>,
    ): readonly T[] => [...of.values()].sort((a, b) => lineOf(a) - lineOf(b));
    return {
      ...(this.#args.size === 0 ? {} : { args: listed(this.#args) }),
      ...(this.#secrets.size === 0 ? {} : { secrets: listed(this.#secrets) }),
      ...(this.#ssh.size === 0 ? {} : { ssh: listed(this.#ssh) }),
      ...(this.#cache.size === 0 ? {} : { cache: listed(this.#cache) }),
    };
  }
}

const lineOf = ({ location }: { readonly location?: CallLocation }): number =>
  location?.ranges[0]?.start.line ?? 0;
