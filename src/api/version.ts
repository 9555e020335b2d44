import { invalid } from '#base/errors.ts';

/** The newest and oldest versions of the API that are served, all `1.minor`. */
export const apiVersion = '1.51';
export const minApiVersion = '1.24';

/**
 * The minor number of a request's version, `1.41` → 41.
 *
 * @throws {EngineError} `invalid` in Docker's words when it is not served
 */
export function minorVersion(version: string): number {
  const minor = Number(/^1\.(\d+)$/.exec(version)?.[1] ?? Number.NaN);
  if (Number.isNaN(minor) ? Number.parseFloat(version) >= 2 : minor > minorOf(apiVersion))
    throw invalid(`client version ${version} is too new. Maximum supported API version is ${apiVersion}`);
  if (Number.isNaN(minor) || minor < minorOf(minApiVersion))
    throw invalid(
      `client version ${version} is too old. Minimum supported API version is ${minApiVersion}, ` +
        'please upgrade your client to a newer version',
    );
  return minor;
}

export const newestMinor = 51;

const minorOf = (version: string): number => Number(version.slice(2));
