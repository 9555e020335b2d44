import { passwordsContract } from '../../../../test/fixtures/hub-records/passwords-contract.ts';
import { signOutContract } from '../../../../test/fixtures/hub-records/sign-out-contract.ts';
import { userRightsContract } from '../../../../test/fixtures/hub-records/user-rights-contract.ts';
import { usersContract } from '../../../../test/fixtures/hub-records/users-contract.ts';
import { openSqliteRecords } from './index.ts';

signOutContract('SQLite', (options) => openSqliteRecords(':memory:', options));
usersContract('SQLite', (options) => openSqliteRecords(':memory:', options));
passwordsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
userRightsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
