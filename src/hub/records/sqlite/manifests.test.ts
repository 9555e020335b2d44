import { manifestsContract } from '../../../../test/fixtures/hub-records/manifests-contract.ts';
import { openSqliteRecords } from './index.ts';

manifestsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
