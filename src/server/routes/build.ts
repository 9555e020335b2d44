import { unsupported } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { lines, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { classicLines } from './build-classic.ts';
import { buildParameters } from './build-parameters.ts';

export const buildRoutes: Routes = { 'POST /build': build };

/** Docker's classic builder. BuildKit, version 2, needs a session, which this engine has not. */
async function build(call: Call): Promise<Reply> {
  const { request, remove, quiet, version } = buildParameters(call.query);
  if (version === '2')
    throw unsupported('BuildKit sessions are not supported by this engine: build with DOCKER_BUILDKIT=0');
  const registryAuth = call.registryCredentials();
  const context = request.context ?? {
    kind: 'sent',
    id: (await call.engine.builds.contexts.receive(call.body, call.signal)).id,
  };
  const events = call.engine.builds.build(
    {
      ...request,
      ...{ context, style: 'classic', allow: ['network.host'] },
      ...(registryAuth && { registryAuth }),
    },
    call.signal,
  );
  return lines(classicLines(events, { quiet, remove, squash: request.squash === true }));
}
