import { repositoriesContract } from '../../../../test/fixtures/hub-records/repositories-contract.ts';
import { repositoryChangesContract } from '../../../../test/fixtures/hub-records/repository-changes-contract.ts';
import { repositoryListContract } from '../../../../test/fixtures/hub-records/repository-list-contract.ts';
import type { OpenRecords } from '../../../../test/fixtures/hub-records/seed.ts';
import { openSqliteRecords } from './index.ts';

const open: OpenRecords = (options) => openSqliteRecords(':memory:', options);
repositoriesContract('sqlite', open);
repositoryChangesContract('sqlite', open);
repositoryListContract('sqlite', open);
