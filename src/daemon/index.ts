/**
 * daemon: the program `hoistd`. Flags, daemon.json, sockets, TLS, signals, shutdown; everything else is the engine's.
 *
 * Nouns: a flag and its key in daemon.json, settings (what both say together), an address, the pid file.
 *
 *     await runDaemon(parseCommandLine(['-H', 'unix:///tmp/x.sock', '--data-root', '/tmp/x']));
 *
 * Called by bin/hoistd alone; imports base, engine and server.
 */
export { type Given, parseCommandLine } from './command-line.ts';
export { readSettings, runDaemon } from './run.ts';
