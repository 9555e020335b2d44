import { listsContract } from '../../../../test/fixtures/hub-records/lists-contract.ts';
import { openSqliteRecords } from './index.ts';

listsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
