import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { unavailable } from '#base/errors.ts';

/** What a hash costs: KiB of memory, passes over them, lanes. */
export interface PasswordCost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

/**
 * One of the equally strong choices that OWASP's Password Storage Cheat Sheet has for Argon2id. Not the one of 19 MiB: malloc keeps
 * such pieces once they were used, one or two to a thread.
 */
export const owaspCost: PasswordCost = { memoryKib: 12288, passes: 3, parallelism: 1 };

/** At once: they take memory, and the threads that files are read with. */
const mostAtOnce = 2;
const mostWaiting = 200;
const tagLength = 32;

/**
 * Passwords as `$argon2id$v=19$m=12288,t=3,p=1$salt$hash` (the PHC string format). Few are computed at a time, so that memory
 * stays flat however many sign in.
 */
export class PasswordHasher {
  readonly #cost: PasswordCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** What is computed for names that are not there, so that they take as long. */
  readonly #nobody: string;

  constructor(cost: PasswordCost = owaspCost) {
    this.#cost = cost;
    this.#nobody = phcString(cost, randomBytes(16), randomBytes(tagLength));
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    return phcString(this.#cost, salt, await this.#compute(password, salt, this.#cost, tagLength));
  }

  /** Takes as long for nobody's (`undefined`) as for anybody's, and is then false. */
  async verify(stored: string | undefined, password: string): Promise<boolean> {
    const { cost, salt, hash } = parsed(stored ?? this.#nobody);
    const computed = await this.#compute(password, salt, cost, hash.length);
    return timingSafeEqual(computed, hash) && stored !== undefined;
  }

  /** Whether a stored hash was made at another cost than now. */
  isStale(stored: string): boolean {
    const { cost } = parsed(stored);
    const { memoryKib, passes, parallelism } = this.#cost;
    return cost.memoryKib !== memoryKib || cost.passes !== passes || cost.parallelism !== parallelism;
  }

  async #compute(password: string, salt: Buffer, cost: PasswordCost, length: number): Promise<Buffer> {
    await this.#enter();
    try {
      return await argon2id({
        // one way to write each character: keyboards differ
        message: password.normalize('NFKC'),
        nonce: salt,
        parallelism: cost.parallelism,
        tagLength: length,
        memory: cost.memoryKib,
        passes: cost.passes,
      });
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < mostAtOnce) {
      this.#running += 1;
      return;
    }
    if (this.#waiting.length >= mostWaiting) throw unavailable('too many sign in at once: try again');
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

const argon2id = (parameters: Argon2Parameters): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => {
      if (error === null) resolve(tag);
      else reject(error);
    });
  });

function phcString({ memoryKib, passes, parallelism }: PasswordCost, salt: Buffer, hash: Buffer): string {
  const b64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${b64(salt)}$${b64(hash)}`;
}

/** A hash that cannot be read is the database's fault, and no one's password. */
function parsed(stored: string) {
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(
    stored,
  );
  if (found === null) throw new Error('a stored password is not in the PHC string format');
  const [memoryKib, passes, parallelism] = found.slice(1, 4).map(Number) as [number, number, number];
  const [salt, hash] = found.slice(4).map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer];
  return { cost: { memoryKib, passes, parallelism }, salt, hash };
}
