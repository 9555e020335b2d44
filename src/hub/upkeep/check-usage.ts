import type { PrivateUsage } from '../records/index.ts';
import type { Checking } from './check.ts';

/** Usage, counted anew, against what was kept. */
export async function checkUsage({ rooms, repair, found }: Checking): Promise<void> {
  const { checks } = rooms.records;
  const wrong = await checks.wrongUsage();
  if (repair && wrong.length > 0) await checks.recountUsage();
  for (const { account, kept, counted } of wrong)
    found({
      kind: 'usage',
      subject: account,
      problem: `it is said to have ${shown(kept)} bytes, and has ${counted.repositories} of ${counted.bytes}`,
      ...(repair && { repair: 'counted anew' }),
    });
}

const shown = ({ repositories, bytes }: PrivateUsage): string =>
  `${repositories} private repositories of ${bytes}`;

/** Stars, counted anew. */
export async function checkStars({ rooms, repair, found }: Checking): Promise<void> {
  const { checks } = rooms.records;
  const wrong = await checks.wrongStars();
  if (repair && wrong.length > 0) await checks.recountStars();
  for (const { repository, kept, counted } of wrong)
    found({
      kind: 'stars',
      subject: repository,
      problem: `it is said to have ${kept}, and has ${counted}`,
      ...(repair && { repair: 'counted anew' }),
    });
}
