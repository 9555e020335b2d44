import { organisationsContract } from '../../../../test/fixtures/hub-records/organisations-contract.ts';
import { openSqliteRecords } from './index.ts';

organisationsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
