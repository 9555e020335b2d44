import { KeyedLock } from '#base/keyed-lock.ts';
import { openDirectoryStore } from '../../store/index.ts';
import { check, type Finding, Upkeep } from '../../upkeep/index.ts';
import { type Command, dataFlag, directoryOf, exitCodes, say } from '../command.ts';
import type { Given } from '../command-line.ts';
import { askToCollect } from '../control.ts';
import { tryLock } from '../directory-lock.ts';
import { openRecords } from '../open-records.ts';
import { counted, shownBytes } from '../printing.ts';

const checkCommand: Command = {
  name: 'check',
  words: [],
  summary: 'Hold everything that the Hub has against everything else; 3 when something is wrong',
  flags: [
    dataFlag,
    { name: 'quick', kind: 'switch', help: 'Look at the sizes of files alone, not at their content' },
    { name: 'repair', kind: 'switch', help: 'Mend what can be mended without losing anything' },
  ],
  run: async (given, signal) => {
    const directory = directoryOf(given);
    await using records = await openRecords(directory);
    const checked = await check(
      { rooms: records.rooms, store: await openDirectoryStore(directory) },
      {
        ...{ quick: given.switched('quick'), repair: given.switched('repair') },
        found: (finding) => say(findingLine(finding)),
        signal,
      },
    );
    const { blobs, bytes, manifests, findings, repaired, strayFiles } = checked;
    say(`Checked ${counted(blobs, 'blob')} of ${shownBytes(bytes)} and ${counted(manifests, 'manifest')}: `);
    say(findings === 0 ? 'all is well\n' : `${findings} wrong, ${repaired} mended\n`);
    if (strayFiles > 0) say(`${counted(strayFiles, 'file')} without a record: a collection takes them\n`);
    return findings > repaired ? exitCodes.damage : exitCodes.success;
  },
};

const findingLine = ({ kind, subject, problem, repair }: Finding): string =>
  `${kind}: ${subject}: ${problem}${repair === undefined ? '' : ` (${repair})`}\n`;

const collectCommand: Command = {
  name: 'collect',
  words: [],
  summary: 'Let go of what nothing refers to, while the Hub serves or not',
  flags: [
    dataFlag,
    {
      name: 'grace',
      kind: 'duration',
      help: 'Leave what is younger; pushes under way for longer than this begin again',
      standard: 'the setting: 24h',
    },
    {
      name: 'untagged',
      kind: 'duration',
      help: 'Take manifests without a tag that are older, too',
      standard: 'the setting: never',
    },
  ],
  run: async (given, signal) => {
    const { links, manifests, blobs, bytes, uploads, milliseconds } = await collected(given, signal);
    say(
      `Freed ${shownBytes(bytes)} in ${milliseconds} ms: ${counted(blobs, 'blob')}, ${counted(links, 'link')}, ` +
        `${counted(manifests, 'manifest')}, ${counted(uploads, 'upload')}\n`,
    );
    return exitCodes.success;
  },
};

/** By the program that serves, for what it receives meanwhile is its own to know; or here, where none does. */
async function collected(given: Given, signal: AbortSignal) {
  const directory = directoryOf(given);
  const grace = given.seconds('grace');
  const untagged = given.seconds('untagged');
  const asked = {
    ...(grace !== undefined && { graceSeconds: grace }),
    ...(untagged !== undefined && { untaggedSeconds: untagged }),
  };
  await using records = await openRecords(directory);
  using lock = tryLock(directory);
  if (lock === undefined) return await askToCollect(directory, asked);
  const store = await openDirectoryStore(directory);
  return await new Upkeep(records.rooms, { store, locks: new KeyedLock() }).collect({ ...asked, signal });
}

const scrubCommand: Command = {
  name: 'scrub',
  words: [],
  summary: 'Read every blob, and serve no more what is bad; 3 when something is',
  flags: [dataFlag],
  run: async (given, signal) => {
    const directory = directoryOf(given);
    await using records = await openRecords(directory);
    const store = await openDirectoryStore(directory);
    const upkeep = new Upkeep(records.rooms, { store, locks: new KeyedLock() });
    const { blobs, bytes, bad } = await upkeep.scrub({ signal });
    for (const digest of bad) say(`bad: ${digest}\n`);
    say(
      `Read ${counted(blobs, 'blob')} of ${shownBytes(bytes)}: ${bad.length === 0 ? 'all are right' : `${bad.length} bad`}\n`,
    );
    return bad.length === 0 ? exitCodes.success : exitCodes.damage;
  },
};

export const upkeepCommands: readonly Command[] = [checkCommand, collectCommand, scrubCommand];
