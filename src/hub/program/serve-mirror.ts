import type { Server } from 'node:http';
import type { Log } from '#base/log.ts';
import { serveAreas } from '../http/index.ts';
import type { Hub } from '../hub.ts';
import { Mirror } from '../mirror/index.ts';
import { hubPaths } from '../paths.ts';
import { AccessLog } from './access-log.ts';
import { addressOf } from './client-address.ts';
import { createServer } from './listener.ts';
import type { MirrorSettings } from './mirror-settings.ts';
import type { ServeSettings } from './serve-settings.ts';

/** Serves the pull-through cache at an address of its own: an engine asks a mirror for the names of the registry behind it. Ends when `held` does. */
export async function openMirror(
  hub: Hub,
  mirror: MirrorSettings,
  {
    settings,
    log,
    held,
  }: {
    readonly settings: ServeSettings;
    readonly log: Log;
    readonly held: AsyncDisposableStack;
  },
): Promise<Server> {
  const opened = held.use(
    await Mirror.open({
      records: hub.rooms.records.mirror,
      directory: hubPaths(settings.directory).mirror,
      upstream: mirror.upstream,
      ...(mirror.credentials && { credentials: mirror.credentials }),
      limits: { maxBytes: mirror.maxBytes, maxAge: mirror.maxAgeSeconds * 1000 },
      tagAge: mirror.tagAgeSeconds * 1000,
      log,
    }),
  );
  const accessLog = new AccessLog(log);
  const serve = serveAreas([accessLog.watched(opened.area)], {
    log,
    addressOf: (request) => addressOf(request, settings.proxies),
  });
  return createServer((request, response) => {
    accessLog.follow(request, response, addressOf(request, settings.proxies));
    serve(request, response);
  }, {});
}
