import { signingKeysContract } from '../../../../test/fixtures/hub-records/signing-keys-contract.ts';
import { openSqliteRecords } from './index.ts';

signingKeysContract('SQLite', (options) => openSqliteRecords(':memory:', options));
