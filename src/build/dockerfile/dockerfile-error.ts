import { EngineError } from '#base/errors.ts';
import type { Location } from './syntax.ts';

/** A Dockerfile, or an instruction of it, that is wrong; and where. */
export class DockerfileError extends EngineError {
  readonly location: Location;

  constructor(message: string, location: Location, options: { readonly cause?: unknown } = {}) {
    super('invalid', message, options);
    this.name = 'DockerfileError';
    this.location = location;
  }
}

/** What can not be taken apart, as against an instruction that is wrong in itself: Docker words the two differently. */
export class FormError extends EngineError {
  constructor(message: string) {
    super('invalid', message);
  }
}

/** A file that can not be taken apart, in Docker's words. */
export const unreadable = (message: string, location: Location, options?: { readonly cause?: unknown }) =>
  new DockerfileError(`failed to parse Dockerfile: ${message}`, location, options);

/** Says where in a Dockerfile an `invalid` without a place happened, in Docker's words. */
export function inDockerfile(error: unknown, location: Location): unknown {
  if (!(error instanceof EngineError) || error instanceof DockerfileError) return error;
  if (error instanceof FormError) return unreadable(error.message, location, { cause: error });
  const message = `dockerfile parse error on line ${location.start.line}: ${error.message}`;
  return new DockerfileError(message, location, { cause: error });
}

/** The same for an instruction by itself, where Docker says no line. */
export function byItself(error: unknown, location: Location): unknown {
  if (!(error instanceof EngineError) || error instanceof DockerfileError) return error;
  return new DockerfileError(error.message, location, { cause: error });
}
