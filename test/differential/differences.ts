/**
 * Steps that we answer otherwise than dockerd 20.10, on purpose, and why. A step listed here that gives the same answer
 * after all fails the suite, so that this list stays true.
 */
export const differences: Readonly<Record<string, string>> = {};
