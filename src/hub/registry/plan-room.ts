import { LimitReached, type PlanRoom } from '../records/index.ts';

/** From this part of its plan on an owner is warned. */
const warnFrom = 0.8;

/** What `LimitReached` says of an upload that has, or would come to, `size` bytes, at least. */
export function limitReached(room: PlanRoom, size: number): LimitReached {
  const { ownerName, allowed, held, unfinished } = room;
  const uploads = unfinished === 0 ? '' : `, with ${unfinished} of uploads that are not finished`;
  return new LimitReached(
    'private_bytes',
    `${ownerName} would hold ${held + unfinished + size} bytes in private repositories${uploads}; its plan allows ${allowed}`,
  );
}

/**
 * How long an upload may become. What its owner holds already needs no more room, but for the time until that is known to be
 * what came: uploads together are never longer than the plan.
 */
export function longestUpload({ allowed, held, unfinished, heldSize = 0 }: PlanRoom): number {
  const room = Math.max(0, allowed - held - unfinished);
  return Math.max(room, Math.min(heldSize, allowed - unfinished));
}

/** A `Warning` for an owner whose plan is nearly full. @see OCI distribution-spec, § Warnings */
export function planWarning(room: PlanRoom | undefined): string | undefined {
  if (room === undefined || room.held < room.allowed * warnFrom) return undefined;
  const percent = Math.floor((room.held / room.allowed) * 100);
  return `299 - "${room.ownerName} has used ${percent}% of the private storage of its plan: ${room.held} of ${room.allowed} bytes"`;
}
