import { settingsContract } from '../../../../test/fixtures/hub-records/settings-contract.ts';
import { openSqliteRecords } from './index.ts';

settingsContract('sqlite', (options) => openSqliteRecords(':memory:', options));
