import { blobsContract } from '../../../../test/fixtures/hub-records/blobs-contract.ts';
import { openSqliteRecords } from './index.ts';

blobsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
