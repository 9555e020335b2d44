import { accountsContract } from '../../../../test/fixtures/hub-records/accounts-contract.ts';
import { openSqliteRecords } from './index.ts';

accountsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
