import { contentsContract } from '../../../../test/fixtures/hub-records/contents-contract.ts';
import { openSqliteRecords } from './index.ts';

contentsContract('sqlite', (options) => openSqliteRecords(':memory:', options));
