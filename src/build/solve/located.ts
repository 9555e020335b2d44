import { EngineError, kindOf, messageOf } from '#base/errors.ts';
import type { Location } from '../dockerfile/syntax.ts';

/** A failure, and the instruction it is of. */
export class LocatedError extends EngineError {
  readonly location: Location;
  readonly vertex: number | undefined;
  /** Of a RUN's process. */
  readonly exitCode: number | undefined;

  constructor(cause: unknown, location: Location, vertex: number | undefined) {
    super(kindOf(cause), messageOf(cause), { cause });
    this.location = location;
    this.vertex = vertex;
    this.exitCode = cause instanceof ProcessFailure ? cause.exitCode : undefined;
  }
}

/** A process of a RUN ended with another code than 0. */
export class ProcessFailure extends EngineError {
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super('invalid', message);
    this.exitCode = exitCode;
  }
}

/** Says where a failure happened; the innermost place counts. */
export const located = (error: unknown, location: Location, vertex?: number): unknown =>
  error instanceof LocatedError ? error : new LocatedError(error, location, vertex);
