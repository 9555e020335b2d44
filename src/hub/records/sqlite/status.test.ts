import { statusContract } from '../../../../test/fixtures/hub-records/status-contract.ts';
import { openSqliteRecords } from './index.ts';

statusContract('sqlite', (options) => openSqliteRecords(':memory:', options));
