import { humanSize } from '../format/human.ts';

export interface ProgressDetail {
  readonly current?: number;
  readonly total?: number;
  readonly units?: string;
}

/** How far something is, in a terminal of so many columns: a bar where there is room, and numbers. */
export function progressText(
  { current = 0, total = 0, units = '' }: ProgressDetail,
  columns: number,
): string {
  if (current <= 0 && total <= 0) return '';
  const amount = (n: number) => (units === '' ? humanSize(n) : `${n}`);
  const unit = units === '' ? '' : ` ${units}`;
  if (total <= 0) return units === '' ? amount(current).padStart(8) : `${current}${unit}`;
  const half = Math.min(50, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const bar = columns > 110 ? `[${'='.repeat(half)}>${' '.repeat(50 - half)}] ` : '';
  if (units !== '') return `${bar}${current}/${total}${unit}`;
  return bar + amount(current).padStart(8) + (current > total ? '' : `/${amount(total)}`);
}
