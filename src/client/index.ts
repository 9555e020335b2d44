/**
 * client: a typed client of any daemon that speaks the Engine API, one operation a file.
 *
 * Nouns: Daemon (a reachable one: version, connections), Connect (opens one more connection), AttachStream (a process's
 * input and output), DaemonError (what the daemon answered, as against EngineError `unavailable`).
 *
 *     const daemon = connect('unix:///run/hoist/hoist.sock');
 *     const { Id } = await createContainer(daemon, { config: { Image: 'busybox', Cmd: ['true'] } });
 *     await startContainer(daemon, Id);
 *
 * Called by the command line, which imports operations file by file to load no more than it runs, and by programs that
 * use the library. `http.ts` speaks HTTP over any byte stream, so that Node and Bun carry the same client.
 */

export * from './answer.ts';
export * from './attach-stream.ts';
export * from './build/build.ts';
export * from './build/cancel.ts';
export * from './build/classic.ts';
export * from './build/contexts.ts';
export * from './build/history.ts';
export * from './build/ssh.ts';
export * from './call.ts';
export * from './connect.ts';
export * from './connection.ts';
export * from './container/archive.ts';
export * from './container/attach.ts';
export * from './container/commit.ts';
export * from './container/create.ts';
export * from './container/diff.ts';
export * from './container/export.ts';
export * from './container/inspect.ts';
export * from './container/kill.ts';
export * from './container/list.ts';
export * from './container/logs.ts';
export * from './container/pause.ts';
export * from './container/prune.ts';
export * from './container/remove.ts';
export * from './container/rename.ts';
export * from './container/resize.ts';
export * from './container/restart.ts';
export * from './container/start.ts';
export * from './container/stats.ts';
export * from './container/stop.ts';
export * from './container/top.ts';
export * from './container/unpause.ts';
export * from './container/update.ts';
export * from './container/wait.ts';
export * from './daemon.ts';
export * from './daemon-error.ts';
export * from './exec/create.ts';
export * from './exec/inspect.ts';
export * from './exec/resize.ts';
export * from './exec/start.ts';
export * from './filters.ts';
export * from './image/history.ts';
export * from './image/image-path.ts';
export * from './image/import.ts';
export * from './image/inspect.ts';
export * from './image/list.ts';
export * from './image/load.ts';
export * from './image/prune.ts';
export * from './image/pull.ts';
export * from './image/push.ts';
export * from './image/remove.ts';
export * from './image/save.ts';
export * from './image/search.ts';
export * from './image/tag.ts';
export * from './inspect-text.ts';
export * from './json-lines.ts';
export * from './json-stream.ts';
export * from './network/connect.ts';
export * from './network/create.ts';
export * from './network/disconnect.ts';
export * from './network/inspect.ts';
export * from './network/list.ts';
export * from './network/prune.ts';
export * from './network/remove.ts';
export * from './registry-auth.ts';
export * from './system/auth.ts';
export * from './system/disk-usage.ts';
export * from './system/events.ts';
export * from './system/info.ts';
export * from './system/prune-build-cache.ts';
export * from './system/version.ts';
export * from './volume/create.ts';
export * from './volume/inspect.ts';
export * from './volume/list.ts';
export * from './volume/prune.ts';
export * from './volume/remove.ts';
