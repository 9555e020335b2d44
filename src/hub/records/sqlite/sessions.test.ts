import { sessionsContract } from '../../../../test/fixtures/hub-records/sessions-contract.ts';
import { openSqliteRecords } from './index.ts';

sessionsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
