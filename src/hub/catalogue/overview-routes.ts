import { unauthorized } from '#base/errors.ts';
import { OverviewText } from '../api/repositories.ts';
import { json, type Routes } from '../http/index.ts';
import { checkOverview, renderOverview } from './overview.ts';

/** An overview as it would be shown, before it is saved: for those who are signed in, since it takes its time. */
export const overviewRoutes: Routes = {
  'POST /api/overview': async (call) => {
    if (call.actor.kind === 'stranger') throw unauthorized('Sign in to do that');
    const { overview = '' } = await call.json(OverviewText);
    return json({ html: renderOverview(checkOverview(overview)) });
  },
};
