import type { Routes } from '../router.ts';
import { buildRoutes } from './build.ts';
import { buildCacheRoutes } from './build-cache.ts';
import { buildsRoutes } from './builds.ts';
import { containerFileRoutes } from './container-files.ts';
import { containerStreamRoutes } from './container-streams.ts';
import { containerRoutes } from './containers.ts';
import { execRoutes } from './execs.ts';
import { imageTransferRoutes } from './image-transfers.ts';
import { imageRoutes } from './images.ts';
import { networkRoutes } from './networks.ts';
import { swarmRoutes } from './swarm.ts';
import { systemRoutes } from './system.ts';
import { unbuiltRoutes } from './unbuilt.ts';
import { volumeRoutes } from './volumes.ts';

/** Every route, in the order they are tried. */
export const routeTables: readonly Routes[] = [
  systemRoutes,
  buildRoutes,
  buildCacheRoutes,
  buildsRoutes,
  containerRoutes,
  containerStreamRoutes,
  containerFileRoutes,
  execRoutes,
  imageTransferRoutes,
  imageRoutes,
  networkRoutes,
  volumeRoutes,
  swarmRoutes,
  unbuiltRoutes,
];
