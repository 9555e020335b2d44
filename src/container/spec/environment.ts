import { defaultPath } from '#oci/image-config.ts';

/**
 * A process's environment: the engine's defaults, over them what was asked for (a name without `=` removes), and HOME
 * at the end when nobody set it.
 */
export function environment(options: {
  readonly wanted: readonly string[];
  readonly hostname?: string;
  readonly tty: boolean;
  readonly home: string;
}): readonly string[] {
  const variables = new Map<string, string>([['PATH', `PATH=${defaultPath}`]]);
  if (options.hostname !== undefined) variables.set('HOSTNAME', `HOSTNAME=${options.hostname}`);
  if (options.tty) variables.set('TERM', 'TERM=xterm');
  for (const variable of options.wanted) {
    const name = variable.split('=', 1)[0]!;
    if (variable.includes('=')) variables.set(name, variable);
    else variables.delete(name);
  }
  if (!variables.has('HOME')) variables.set('HOME', `HOME=${options.home}`);
  return [...variables.values()];
}
