import { type ErrorKind, kindOf } from '#base/errors.ts';

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
