import { plansContract } from '../../../../test/fixtures/hub-records/plans-contract.ts';
import { openSqliteRecords } from './index.ts';

plansContract('sqlite', (options) => openSqliteRecords(':memory:', options));
