import { collectionBlobsContract } from '../../../../test/fixtures/hub-records/collection-blobs-contract.ts';
import { collectionContract } from '../../../../test/fixtures/hub-records/collection-contract.ts';
import { openSqliteRecords } from './index.ts';

for (const contract of [collectionContract, collectionBlobsContract])
  contract('sqlite', (options) => openSqliteRecords(':memory:', options));
