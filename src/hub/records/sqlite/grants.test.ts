import { grantsContract } from '../../../../test/fixtures/hub-records/grants-contract.ts';
import { openSqliteRecords } from './index.ts';

grantsContract('sqlite', (options) => openSqliteRecords(':memory:', options));
