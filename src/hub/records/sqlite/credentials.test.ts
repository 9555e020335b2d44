import { credentialsContract } from '../../../../test/fixtures/hub-records/credentials-contract.ts';
import { openSqliteRecords } from './index.ts';

credentialsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
