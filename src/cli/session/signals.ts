import type { Daemon } from '#client/daemon.ts';
import * as platform from '../platform.ts';

/** What can be caught and makes sense to pass on; not what tells of our own children, pipes and faults. */
const forwarded = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGTERM',
  'SIGCONT',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
];

/** Sends the signals that we get to a container's main process. */
export function forwardSignals(daemon: Daemon, id: string): Disposable {
  return platform.onSignals(forwarded, (name) => {
    void import('#client/container/kill.ts')
      .then(({ killContainer }) => killContainer(daemon, id, name))
      .catch(() => {});
  });
}
