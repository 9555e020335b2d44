import { notFound } from '#base/errors.ts';
import type { Person } from '../../access/actor.ts';
import { program } from '../../accounts/users.ts';
import { changeRepository } from '../../catalogue/change.ts';
import { type Command, dataFlag, directoryOf, exitCodes, say, UsageError } from '../command.ts';
import type { Given } from '../command-line.ts';
import { openRecords } from '../open-records.ts';
import { formatFlag, printed, shownBytes } from '../printing.ts';

/** Who may open the Hub's directory may do all that an administrator may. */
const operator: Person = {
  ...{ kind: 'person', id: '', name: 'hoist-hub', isAdmin: true },
  ...{ address: 'local', via: 'password', ceiling: 'admin' },
};

function visibilityOf(given: Given): 'public' | 'private' {
  const [isPublic, isPrivate] = [given.switched('public'), given.switched('private')];
  if (isPublic === isPrivate) throw new UsageError('one of --public and --private is needed');
  return isPublic ? 'public' : 'private';
}

const repoSet: Command = {
  name: 'repo set',
  words: ['OWNER/NAME'],
  summary: 'Say who may see a repository',
  flags: [
    dataFlag,
    { name: 'public', kind: 'switch', help: 'Everyone may pull' },
    { name: 'private', kind: 'switch', help: 'It does not exist but for those who may read it' },
  ],
  run: async (given) => {
    const visibility = visibilityOf(given);
    const name = given.words[0]!;
    await using records = await openRecords(directoryOf(given));
    const found = await records.rooms.access.find(operator, name);
    if (found === undefined) throw notFound('repository', name);
    await changeRepository(records.rooms, program, { repository: found.repository, change: { visibility } });
    say(`${name} is ${visibility}\n`);
    return exitCodes.success;
  },
};

const repoList: Command = {
  name: 'repo list',
  words: [],
  summary: 'List repositories',
  flags: [dataFlag, formatFlag],
  run: async (given) => {
    await using records = await openRecords(directoryOf(given));
    const rows = await Array.fromAsync(records.rooms.records.repositories.totals());
    say(
      printed(given, rows, {
        NAME: ({ name }) => name,
        VISIBILITY: ({ visibility }) => visibility,
        TAGS: ({ tags }) => `${tags}`,
        SIZE: ({ bytes }) => shownBytes(bytes),
        PULLS: ({ pulls }) => `${pulls}`,
        UPDATED: ({ updatedAt }) => updatedAt,
      }),
    );
    return exitCodes.success;
  },
};

export const repositoryCommands: readonly Command[] = [repoSet, repoList];
