import { createReadStream } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newId } from '#base/id.ts';
import { syncDirectory } from '#base/replace-file.ts';
import { openSqliteSnapshot } from '../../records/sqlite/open-snapshot.ts';
import { openDirectoryStore } from '../../store/index.ts';
import { type Backed, backup, restore } from '../../upkeep/index.ts';
import { type Command, dataFlag, directoryOf, exitCodes, say } from '../command.ts';
import { lockDirectory } from '../directory-lock.ts';
import { openRecords } from '../open-records.ts';
import { counted, shownBytes } from '../printing.ts';
import { hubVersion } from '../version.ts';

const backupCommand: Command = {
  name: 'backup',
  words: ['FILE'],
  summary: 'Write all that the Hub has into a tar (- for standard output), while it serves or not',
  flags: [dataFlag],
  run: async (given, signal) => {
    const directory = directoryOf(given);
    const file = given.words[0]!;
    await using records = await openRecords(directory);
    const store = await openDirectoryStore(directory);
    const tar = backup({ rooms: records.rooms, store, directory, version: hubVersion }, signal);
    const { blobs, bytes, bad } = await (file === '-' ? toStandardOutput(tar) : toFile(tar, file));
    const tell = (text: string) => void process.stderr.write(text);
    for (const digest of bad) tell(`bad: ${digest}\n`);
    tell(
      `Backed up ${counted(blobs, 'blob')} of ${shownBytes(bytes)}${bad.length === 0 ? '' : `, ${bad.length} of them bad`}\n`,
    );
    return bad.length === 0 ? exitCodes.success : exitCodes.damage;
  },
};

type Tar = AsyncGenerator<Uint8Array, Backed>;

/** Passwords' hashes and keys are in it: for nobody else to read. It appears whole or not at all. */
async function toFile(tar: Tar, path: string): Promise<Backed> {
  const temporary = `${path}.${newId().slice(0, 12)}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    let backed: Backed;
    try {
      backed = await drain(tar, async (bytes) => void (await file.writeFile(bytes)));
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temporary, 0o600);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return backed;
  } catch (error) {
    await tar.return(undefined as never);
    await rm(temporary, { force: true });
    throw error;
  }
}

const toStandardOutput = (tar: Tar): Promise<Backed> =>
  drain(tar, (bytes) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
    return promise;
  });

async function drain(tar: Tar, write: (bytes: Uint8Array) => Promise<void>): Promise<Backed> {
  for (;;) {
    const { done, value } = await tar.next();
    if (done === true) return value;
    await write(value);
  }
}

const restoreCommand: Command = {
  name: 'restore',
  words: ['FILE'],
  summary: 'Make a Hub of a backup (- for standard input) in an empty directory, every byte verified',
  flags: [
    dataFlag,
    {
      name: 'allow-bad',
      kind: 'switch',
      help: 'Restore the rest where blobs are missing or damaged, and mark them to be pushed again',
    },
  ],
  run: async (given, signal) => {
    const directory = directoryOf(given);
    const file = given.words[0]!;
    const source = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
    using _lock = await lockDirectory(directory);
    const { blobs, bytes, bad } = await restore(source, {
      ...{ directory, openStore: openDirectoryStore, openSnapshot: openSqliteSnapshot },
      ...{ now: () => new Date(), signal },
      allowBad: given.switched('allow-bad'),
    });
    for (const digest of bad) say(`bad: ${digest}\n`);
    say(`Restored ${counted(blobs, 'blob')} of ${shownBytes(bytes)} into ${directory}\n`);
    return exitCodes.success;
  },
};

export const backupCommands: readonly Command[] = [backupCommand, restoreCommand];
