import { secondFactorsContract } from '../../../../test/fixtures/hub-records/second-factors-contract.ts';
import { openSqliteRecords } from './index.ts';

secondFactorsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
