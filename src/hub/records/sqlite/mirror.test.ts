import { mirrorContract } from '../../../../test/fixtures/hub-records/mirror-contract.ts';
import { openSqliteRecords } from './index.ts';

mirrorContract('SQLite', (options) => openSqliteRecords(':memory:', options));
