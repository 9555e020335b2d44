import { auditContract } from '../../../../test/fixtures/hub-records/audit-contract.ts';
import { openSqliteRecords } from './index.ts';

auditContract('sqlite', (options) => openSqliteRecords(':memory:', options));
