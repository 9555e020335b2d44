import type { Cli } from '../command.ts';
import type { Copy } from '../copy/copy-tree.ts';
import { handOver } from './hand-over.ts';

/** Copying trees needs files and tars: the full program does it (`../copy/copy-tree.ts`). */
export const copyFromContainer = (_cli: Cli, _copy: Copy): Promise<void> => handOver();
export const copyToContainer = (_cli: Cli, _copy: Copy): Promise<void> => handOver();
