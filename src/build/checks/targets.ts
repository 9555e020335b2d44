import type { TargetList } from '#api/build-calls.ts';
import type { Dockerfile } from '../dockerfile/syntax.ts';
import { callLocation, sourceOf } from './outline.ts';

/** The stages of a Dockerfile, bases as written. */
export const targetsOf = (dockerfile: Dockerfile): TargetList => ({
  targets: dockerfile.stages.map(({ from, description, index }) => ({
    ...(from.name === undefined ? {} : { name: from.name.toLowerCase() }),
    ...(index === dockerfile.stages.length - 1 ? { default: true } : {}),
    ...(description === undefined ? {} : { description }),
    base: from.base,
    ...(from.platform === undefined ? {} : { platform: from.platform }),
    location: callLocation(from.location),
  })),
  sources: [sourceOf(dockerfile)],
});
