import { invalid } from '#base/errors.ts';
import { administrator } from '../accounts/asker.ts';
import { type Settings, SettingsChange } from '../api/administration.ts';
import { json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';

const mostHours = 24 * 366;

/** `/api/admin/settings` */
export const settingsRoutes = ({ records: { settings } }: Pick<HubRooms, 'records'>): Routes => ({
  'GET /api/admin/settings': async ({ actor }) => {
    administrator(actor);
    return json(await settings.get());
  },
  'PATCH /api/admin/settings': async (call) => {
    const actor = administrator(call.actor);
    const change = await call.json(SettingsChange);
    const audited = ({ name }: Settings) => ({
      actor,
      action: 'settings.change',
      target: name,
      details: change,
    });
    return json(await settings.change((before) => changedSettings(before, change), audited));
  },
});

/** What is not given stays. @throws {EngineError} `invalid` naming the field */
export function changedSettings(settings: Settings, change: SettingsChange): Settings {
  const { anonymousPullsPerHour: pulls, untaggedHours: untagged, ...rest } = settings;
  const { name = rest.name, signUp = rest.signUp, graceHours = rest.graceHours } = change;
  if (!/^[^\p{Cc}]{1,60}$/u.test(name.trim())) throw invalid('name must have 1 to 60 characters');
  if (!['open', 'invitation', 'closed'].includes(signUp))
    throw invalid('signUp must be "open", "invitation" or "closed"');
  // less would take what a push that goes on has just sent
  checkHours('graceHours', graceHours, 1);
  const nextPulls = limitOf(change.anonymousPullsPerHour, pulls);
  if (nextPulls !== undefined && !(Number.isSafeInteger(nextPulls) && nextPulls >= 0))
    throw invalid('anonymousPullsPerHour must be a whole number from 0, or -1 for no limit');
  const nextUntagged = limitOf(change.untaggedHours, untagged);
  if (nextUntagged !== undefined) checkHours('untaggedHours', nextUntagged, 1);
  return {
    ...{ name: name.trim(), signUp, graceHours },
    ...(nextPulls !== undefined && { anonymousPullsPerHour: nextPulls }),
    ...(nextUntagged !== undefined && { untaggedHours: nextUntagged }),
  };
}

/** What it becomes: -1 takes it away. */
const limitOf = (given: number | undefined, before: number | undefined): number | undefined =>
  given === undefined ? before : given === -1 ? undefined : given;

function checkHours(field: string, hours: number, least: number): void {
  if (!Number.isSafeInteger(hours) || hours < least || hours > mostHours)
    throw invalid(`${field} must be ${least} to ${mostHours} hours`);
}
