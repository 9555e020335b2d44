import { snapshotsContract } from '../../../../test/fixtures/hub-records/snapshots-contract.ts';
import { openSqliteRecords } from './index.ts';
import { openSqliteSnapshot } from './open-snapshot.ts';

snapshotsContract('sqlite', (options) => openSqliteRecords(':memory:', options), openSqliteSnapshot);
