import { tagsContract } from '../../../../test/fixtures/hub-records/tags-contract.ts';
import { openSqliteRecords } from './index.ts';

tagsContract('sqlite', (options) => openSqliteRecords(':memory:', options));
