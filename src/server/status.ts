import { type ErrorKind, internal, kindOf, messageOf } from '#base/errors.ts';

/** The only place in the daemon that knows both sides. */
const statusOf: Record<ErrorKind, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  cancelled: 500,
  internal: 500,
  unsupported: 501,
  unavailable: 503,
};

/** The HTTP status that tells of an error. */
export const errorStatus = (error: unknown): number => statusOf[kindOf(error)];

/** A registry that cannot be reached: dockerd answers 500 here, not 503, and clients take 503 for its own absence. */
export const registryFailure = (cause: unknown): unknown =>
  kindOf(cause) === 'unavailable' ? internal(messageOf(cause), { cause }) : cause;

/** The same for a stream of progress, and for a registry's no to a person: at 401 clients would ask for a password. */
export async function* fromRegistry<T>(progress: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* progress;
  } catch (error) {
    const refused = ['unauthorized', 'forbidden'].includes(kindOf(error));
    throw refused ? internal(messageOf(error), { cause: error }) : registryFailure(error);
  }
}
