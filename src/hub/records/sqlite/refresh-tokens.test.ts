import { refreshTokensContract } from '../../../../test/fixtures/hub-records/refresh-tokens-contract.ts';
import { openSqliteRecords } from './index.ts';

refreshTokensContract('SQLite', (options) => openSqliteRecords(':memory:', options));
