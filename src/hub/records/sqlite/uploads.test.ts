import { uploadsContract } from '../../../../test/fixtures/hub-records/uploads-contract.ts';
import { openSqliteRecords } from './index.ts';

uploadsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
