import { starsContract } from '../../../../test/fixtures/hub-records/stars-contract.ts';
import { openSqliteRecords } from './index.ts';

starsContract('sqlite', (options) => openSqliteRecords(':memory:', options));
