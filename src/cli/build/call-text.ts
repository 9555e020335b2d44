import type { CheckResult, Outline, TargetList } from '#api/build-calls.ts';
import { printCheck, printOutline, printTargets } from './call-print.ts';

export type CallResult =
  | { readonly call: 'check'; readonly result: CheckResult }
  | { readonly call: 'outline'; readonly result: Outline }
  | { readonly call: 'targets'; readonly result: TargetList };

/** What a call other than `build` came to, for standard output, and whether it is a failure. */
export function callText(
  called: CallResult,
  format: 'text' | 'json',
): { readonly text: string; readonly failed: boolean } {
  const failed =
    called.call === 'check' && (called.result.warnings.length > 0 || called.result.buildError !== undefined);
  const text = format === 'json' ? `${JSON.stringify(called.result, undefined, 2)}\n` : textOf(called);
  return { text, failed };
}

function textOf(called: CallResult): string {
  switch (called.call) {
    case 'check':
      return printCheck(called.result);
    case 'outline':
      return printOutline(called.result);
    case 'targets':
      return printTargets(called.result);
  }
}
