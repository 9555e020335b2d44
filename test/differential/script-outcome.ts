import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { slowness } from '../fixtures/engines.ts';
import { normalise, type Outcome } from './normalise.ts';

/**
 * Runs a shell's script in a folder, for a minute at most.
 *
 * @param options.env is added to this process' own, in the C locale
 * @param options.plain takes out of what it says what differs from run to run
 */
export async function scriptOutcome(
  script: string,
  options: {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly plain?: (said: string) => string;
  },
): Promise<Outcome> {
  const { folder, plain = (said) => normalise(said, folder) } = options;
  const env = { ...process.env, LC_ALL: 'C', ...options.env };
  const limit = ['--kill-after=2', String(60 * slowness), 'sh', '-c', script];
  const child = spawn('timeout', limit, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = (await ended) as [number | null];
  return { exitCode: exitCode ?? -1, stdout: plain(stdout), stderr: plain(stderr) };
}
