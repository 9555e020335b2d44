/** Steps that our command line answers otherwise than Docker's, on purpose, and why; some with one daemon only. */
export const cliDifferences: Readonly<
  Record<string, { readonly why: string; readonly engine?: 'dockerd' | 'hoistd' }>
> = {
  'volume prune: no': {
    why: "the question is that of today's API: whether the daemon is older is only known once it has answered",
    engine: 'dockerd',
  },
  prune: {
    why: 'of a daemon that builds nothing docker complains when all is pruned; we go on',
    engine: 'hoistd',
  },
  'version --format: wrong': { why: 'the message names types of the Go program, which we have not' },
};
