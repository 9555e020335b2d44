/** Steps that our command line answers otherwise than Docker's, on purpose, and why. */
export const cliDifferences: Readonly<Record<string, string>> = {
  'volume prune: no':
    "the question is that of today's API: whether the daemon is older is only known once it has answered",
  'version --format: wrong': 'the message names types of the Go program, which we have not',
};
