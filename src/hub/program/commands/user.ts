import { type Accounts, openAccounts, type Users } from '../../accounts/index.ts';
import { type Command, dataFlag, directoryOf, exitCodes, say, UsageError } from '../command.ts';
import type { Flag, Given } from '../command-line.ts';
import { openRecords } from '../open-records.ts';
import { passwordFromStdin } from '../password-input.ts';
import { formatFlag, printed } from '../printing.ts';
import { hubVersion } from '../version.ts';

const passwordFlag: Flag = {
  name: 'password-stdin',
  kind: 'switch',
  help: 'Take the password from standard input',
};

/** Does something with the Hub's users, beside a program that serves it or not. */
async function withUsers(
  given: Given,
  options: { readonly create?: boolean },
  act: (users: Users, accounts: Accounts) => Promise<unknown>,
): Promise<number> {
  await using records = await openRecords(directoryOf(given), options);
  const accounts = openAccounts(records.rooms, {
    version: hubVersion,
    publicAddress: () => ({ realm: 'http://localhost/token', service: 'localhost' }),
  });
  await act(accounts.users, accounts);
  return exitCodes.success;
}

/** A password on a command line is in the shell's history, and for everyone to see. */
function checkPasswordFlag(given: Given): void {
  if (!given.switched('password-stdin'))
    throw new UsageError(
      "the password comes by standard input: printf %s 'THE PASSWORD' | hoist-hub … --password-stdin",
    );
}

const userAdd: Command = {
  name: 'user add',
  words: ['NAME'],
  summary: 'Make a user; in an empty directory, make a Hub with that user',
  flags: [
    dataFlag,
    passwordFlag,
    { name: 'admin', kind: 'switch', help: 'Make the user an administrator' },
    { name: 'email', kind: 'text', help: 'The e-mail address' },
  ],
  run: async (given) => {
    checkPasswordFlag(given);
    const password = await passwordFromStdin();
    const isAdmin = given.switched('admin');
    const name = given.words[0]!;
    return withUsers(given, { create: true }, async (users) => {
      await users.create({ name, password, email: given.text('email'), isAdmin });
      say(`Made the ${isAdmin ? 'administrator' : 'user'} ${name}\n`);
    });
  },
};

const userPasswd: Command = {
  name: 'user passwd',
  words: ['NAME'],
  summary: "Set a user's password; sessions and sign-ins by the old one end",
  flags: [dataFlag, passwordFlag],
  run: async (given) => {
    checkPasswordFlag(given);
    const password = await passwordFromStdin();
    return withUsers(given, {}, (users) => users.setPassword(given.words[0]!, password));
  },
};

const userAdmin: Command = {
  name: 'user admin',
  words: ['NAME'],
  summary: 'Make a user an administrator, or one no more',
  flags: [dataFlag, { name: 'revoke', kind: 'switch', help: 'Take the right away' }],
  run: (given) =>
    withUsers(given, {}, (users) => users.setRights(given.words[0]!, { isAdmin: !given.switched('revoke') })),
};

const userDisable: Command = {
  name: 'user disable',
  words: ['NAME'],
  summary: 'Let a user sign in no more, and sign out everywhere',
  flags: [dataFlag],
  run: (given) => withUsers(given, {}, (users) => users.setRights(given.words[0]!, { isDisabled: true })),
};

const userEnable: Command = {
  name: 'user enable',
  words: ['NAME'],
  summary: 'Let a user that was disabled sign in again',
  flags: [dataFlag],
  run: (given) => withUsers(given, {}, (users) => users.setRights(given.words[0]!, { isDisabled: false })),
};

const userResetFactor: Command = {
  name: 'user reset-second-factor',
  words: ['NAME'],
  summary: 'Take the second factor away from a user who has lost it',
  flags: [dataFlag],
  run: (given) => withUsers(given, {}, (_users, accounts) => accounts.dropSecondFactor(given.words[0]!)),
};

const userList: Command = {
  name: 'user list',
  words: [],
  summary: 'List users',
  flags: [dataFlag, formatFlag],
  run: (given) =>
    withUsers(given, {}, async (users) =>
      say(
        printed(given, await users.list(), {
          NAME: ({ name }) => name,
          ROLE: ({ isAdmin }) => (isAdmin ? 'administrator' : 'user'),
          STATUS: ({ isDisabled }) => (isDisabled ? 'disabled' : 'active'),
          CREATED: ({ createdAt }) => createdAt,
        }),
      ),
    ),
};

export const userCommands: readonly Command[] = [
  ...[userAdd, userPasswd, userAdmin, userDisable, userEnable, userResetFactor, userList],
];
