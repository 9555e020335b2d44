import type { Collected, Settings } from '../api/administration.ts';
import type { Audited } from './audit.ts';

/** Before anything is set. */
export const defaultSettings: Settings = {
  name: 'Hoist Hub',
  signUp: 'closed',
  anonymousPullsPerHour: 100,
  graceHours: 24,
};

/** What administrators set while the Hub runs, and what it remembers of its upkeep. */
export interface SettingsRecords {
  /** As they are at this moment: what is set holds for all that begins afterwards. */
  get(): Promise<Settings>;
  /**
   * @param next makes what they become of what they are. It does nothing else, for it is called again where another change came
   *   between; what it throws is thrown, and nothing is changed
   * @returns what they are now
   */
  change(next: (before: Settings) => Settings, audited: Audited<Settings>): Promise<Settings>;
  /** Undefined before the first. */
  lastCollection(): Promise<Collected | undefined>;
  setLastCollection(collected: Collected): Promise<void>;
}
