import { invitationsContract } from '../../../../test/fixtures/hub-records/invitations-contract.ts';
import { openSqliteRecords } from './index.ts';

invitationsContract('SQLite', (options) => openSqliteRecords(':memory:', options));
