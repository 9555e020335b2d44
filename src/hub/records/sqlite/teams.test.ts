import { teamsContract } from '../../../../test/fixtures/hub-records/teams-contract.ts';
import { openSqliteRecords } from './index.ts';

teamsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
