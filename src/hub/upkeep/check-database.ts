import type { Checking } from './check.ts';

/** The records' own check of themselves. */
export async function checkDatabase({ rooms, found }: Checking): Promise<void> {
  for (const { subject, problem } of await rooms.records.checks.integrity())
    found({ kind: 'database', subject, problem });
}

/** Whether the full-text index says what the repositories say. */
export async function checkText({ rooms, repair, found }: Checking): Promise<void> {
  const { search } = rooms.records;
  const problems = await search.check();
  if (repair && problems.length > 0) await search.rebuild();
  for (const problem of problems)
    found({
      ...{ kind: 'search', subject: 'full-text index', problem },
      ...(repair && { repair: 'rebuilt' }),
    });
}
