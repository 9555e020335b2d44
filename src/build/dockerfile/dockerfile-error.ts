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

/** Says where an `invalid` without a place happened, in the words of BuildKit's instruction parser. */
export function atLine(error: unknown, location: Location): unknown {
  if (!(error instanceof EngineError) || error instanceof DockerfileError) return error;
  const message = `dockerfile parse error on line ${location.start.line}: ${error.message}`;
  return new DockerfileError(message, location, { cause: error });
}
