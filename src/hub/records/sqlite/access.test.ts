import { accessContract } from '../../../../test/fixtures/hub-records/access-contract.ts';
import { openSqliteRecords } from './index.ts';

accessContract('sqlite', (options) => openSqliteRecords(':memory:', options));
