import { pullsContract } from '../../../../test/fixtures/hub-records/pulls-contract.ts';
import { openSqliteRecords } from './index.ts';

pullsContract('sqlite', (options) => openSqliteRecords(':memory:', options));
