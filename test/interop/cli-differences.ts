/** Steps that our command line answers otherwise than Docker's, on purpose, and why. */
export const cliDifferences: Readonly<Record<string, string>> = {};
