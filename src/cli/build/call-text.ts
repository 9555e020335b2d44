import type { BuildRequest } from '#api/build.ts';
import type { CheckResult, Outline, TargetList } from '#api/build-calls.ts';
import { printCheck, printOutline, printTargets } from './call-print.ts';

/** What a call other than `build` came to, for standard output, and whether it is a failure. */
export function callText(
  call: Exclude<BuildRequest['call'], undefined | 'build'>,
  result: unknown,
  format: 'text' | 'json',
): { readonly text: string; readonly failed: boolean } {
  const json = format === 'json' ? `${JSON.stringify(result, undefined, 2)}\n` : undefined;
  switch (call) {
    case 'check': {
      const checked = result as CheckResult;
      const failed = checked.warnings.length > 0 || checked.buildError !== undefined;
      return { text: json ?? printCheck(checked), failed };
    }
    case 'outline':
      return { text: json ?? printOutline(result as Outline), failed: false };
    default:
      return { text: json ?? printTargets(result as TargetList), failed: false };
  }
}
