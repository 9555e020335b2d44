import { usageContract } from '../../../../test/fixtures/hub-records/usage-contract.ts';
import { openSqliteRecords } from './index.ts';

usageContract('sqlite', (options) => openSqliteRecords(':memory:', options));
