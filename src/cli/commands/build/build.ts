import type { BuildRequest } from '#api/build.ts';
import type { CallResult } from '../../build/call-text.ts';
import { namedSources, openSources, type SourceOptions } from '../../build/context/sources.ts';
import { contextKind } from '../../build/context-kind.ts';
import { type BuildFlags, buildFlags } from '../../build/flags.ts';
import { writeResults } from '../../build/metadata.ts';
import { readOutputs } from '../../build/outputs.ts';
import { type Display, openDisplay } from '../../build/progress/display.ts';
import { registryLogins } from '../../build/registry-logins.ts';
import { callFormat, requestOf } from '../../build/request.ts';
import { cancelOnSignal, checkOutputs, LocalSteps, runBuild } from '../../build/run-build.ts';
import { secretValues } from '../../build/secrets.ts';
import { type Cli, command as define, exactly, Failure, isDaemonError } from '../../command.ts';
import { proxyEnv } from '../../container-spec/proxies.ts';
import * as platform from '../../platform.ts';

export const command = define({
  usage: 'build [OPTIONS] PATH | URL | -',
  about: 'Build an image from a Dockerfile',
  details: `Build an image from a Dockerfile

Other commands on builds (a directory of such a name is given as ./history):
  build history  What was built: ls, inspect, logs, rm
  build graph    Draw the steps of a build, the slowest path marked
  build du       Show what the build cache holds
  build prune    Remove build cache
  build cancel   Stop a build`,
  aliases: ['image build', 'build', 'builder build'],
  flags: buildFlags,
  args: exactly(1),
  run: async (cli, { flags, args: [argument = ''] }) => {
    const id = platform.sha256Hex(`${Date.now()} ${Math.random()} ${argument}`).slice(0, 25);
    return runCommand(cli, { flags, argument, id });
  },
});

interface Asked {
  readonly flags: BuildFlags;
  readonly argument: string;
  readonly id: string;
}

async function runCommand(cli: Cli, { flags, argument, id }: Asked): Promise<number> {
  const outputs = readOutputs(flags);
  const request = requestOf(flags, {
    env: platform.env,
    proxies: proxyEnv(cli.config.file, cli.host),
  });
  const format = callFormat(flags.call);
  await checkOutputs(outputs);
  // who looks for an image's ID finds none of an earlier build
  if (flags.iidfile !== '') platform.remove(flags.iidfile);
  const display = openDisplay(progressKind(flags, request), {
    output: platform.stderr,
    env: platform.env,
    debug: flags.debug || cli.debug,
    size: platform.terminalSize,
  });
  const controller = new AbortController();
  const { signal } = controller;
  using _signals = cancelOnSignal(cli.daemon, id, controller);
  using agents =
    flags.ssh.length === 0 ? undefined : (await import('../../build/ssh-agents.ts')).openAgents(flags.ssh);
  try {
    cli.daemon.prepare();
    const steps = new LocalSteps(display);
    const options: SourceOptions = { daemon: cli.daemon, signal, transfer: (name) => steps.transfer(name) };
    const whole = {
      ...request,
      ...(await inputs(cli, flags, { argument, options, request })),
      ...(outputs.length > 0 && { outputs: outputs.map(({ asked }) => asked) }),
      ...(agents !== undefined && { ssh: agents.agents.map((agent) => agent.id) }),
    };
    const begun = () => {
      if (agents !== undefined) void serve(cli, id, agents.agents, signal);
    };
    const called = await runBuild(cli, whole, { id, outputs, display, signal, begun });
    await display.close();
    return await finish(cli, display, { flags, id, request, called, format });
  } catch (error) {
    await display.close();
    if (!signal.aborted) throw asBuildFailure(error);
    throw new Failure('ERROR: build canceled', 130);
  }
}

async function serve(
  cli: Cli,
  id: string,
  agents: readonly { id: string; socket: string }[],
  signal: AbortSignal,
) {
  const { serveAgents } = await import('../../build/ssh-agents.ts');
  serveAgents(cli.daemon, id, { agents, signal });
}

/** Only what builds has progress to show; a call has a result. */
function progressKind(flags: BuildFlags, { call }: BuildRequest): string {
  if (flags.quiet && flags.progress !== 'auto' && flags.progress !== 'quiet')
    throw new Failure('ERROR: progress=quiet and quiet cannot be used together with another progress mode');
  if (flags.quiet) return 'quiet';
  return call !== 'build' && flags.progress === 'auto' ? 'quiet' : flags.progress;
}

interface Inputs {
  readonly argument: string;
  readonly options: SourceOptions;
  readonly request: BuildRequest;
}

/** Contexts, the Dockerfile, secrets and credentials: what lies on this machine. */
async function inputs(
  cli: Cli,
  flags: BuildFlags,
  { argument, options, request }: Inputs,
): Promise<BuildRequest> {
  const secrets = await secretValues(flags.secret);
  const sources = await openSources(contextKind(argument, platform.exists), flags.file, options);
  const named = await namedSources(flags['build-context'], options);
  const texts = [
    ...Object.values(request.buildArgs ?? {}).map(String),
    ...[...(request.tags ?? []), ...(request.cacheFrom ?? []), flags.verify],
    ...Object.values(named).map(({ name = '' }) => name),
    ...flags.output,
  ];
  const { dockerfileText } = sources;
  const logins = registryLogins(
    cli.config.file,
    dockerfileText === undefined ? undefined : [dockerfileText, ...texts],
  );
  return {
    ...sources,
    ...(Object.keys(named).length > 0 && { namedContexts: named }),
    ...(Object.keys(secrets).length > 0 && { secrets }),
    ...(Object.keys(logins).length > 0 && { registryAuth: logins }),
  };
}

interface Finished {
  readonly flags: BuildFlags;
  readonly id: string;
  readonly request: BuildRequest;
  readonly called: unknown;
  readonly format: 'text' | 'json';
}

async function finish(
  cli: Cli,
  { model }: Display,
  { flags, id, request, called, format }: Finished,
): Promise<number> {
  if (model.outcome === 'cancelled') return 130;
  if (model.outcome !== 'done') return 1;
  if (request.call !== undefined && request.call !== 'build') {
    const { callText } = await import('../../build/call-text.ts');
    const { text, failed } = callText({ call: request.call, result: called } as CallResult, format);
    await cli.out(text);
    return failed ? 1 : 0;
  }
  await writeResults(cli, model, { iidfile: flags.iidfile, metadataFile: flags['metadata-file'], id });
  if ((flags.quiet || flags.progress === 'quiet') && model.image !== undefined)
    await cli.out(`${model.image}\n`);
  return model.verified === undefined || model.verified.same ? 0 : 1;
}

function asBuildFailure(error: unknown): unknown {
  if (isDaemonError(error)) return new Failure(`ERROR: failed to build: ${error.message}`);
  return error;
}
