import { accessTokensContract } from '../../../../test/fixtures/hub-records/access-tokens-contract.ts';
import { openSqliteRecords } from './index.ts';

accessTokensContract('SQLite', (options) => openSqliteRecords(':memory:', options));
