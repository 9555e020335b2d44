import type { BuildRequest, BuildWarning } from '#api/build.ts';

export interface CallOptions {
  readonly format: 'text' | 'json';
  readonly warnings: readonly BuildWarning[];
}

/** What a call other than `build` came to, for standard output, and whether it is a failure. */
export function callText(
  call: NonNullable<BuildRequest['call']>,
  result: unknown,
  { format, warnings }: CallOptions,
): { readonly text: string; readonly failed: boolean } {
  const failed = call === 'check' && warnings.length > 0;
  if (format === 'json') return { text: `${JSON.stringify(result, undefined, 2)}\n`, failed };
  return {
    text: call === 'check' ? checkText(warnings) : `${JSON.stringify(result, undefined, 2)}\n`,
    failed,
  };
}

function checkText(warnings: readonly BuildWarning[]): string {
  if (warnings.length === 0) return 'Check complete, no warnings found.\n';
  const some =
    warnings.length === 1 ? '1 warning has been found!' : `${warnings.length} warnings have been found!`;
  return `Check complete, ${some}\n${warnings.map(warningText).join('')}`;
}

const warningText = ({ rule, url, description, detail, location }: BuildWarning): string =>
  `\nWARNING: ${rule}${url === '' ? '' : ` - ${url}`}\n${description}\n${detail}${location === undefined ? '' : ` (line ${location.startLine})`}\n`;
