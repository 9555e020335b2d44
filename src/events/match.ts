import type { EventMessage } from '#api/index.ts';
import { type Filters, matchesExactly, matchesLabels } from './filters.ts';

/** Docker's event filters: `type`, `event`, `container`, `image`, `network`, `volume`, `daemon`, `label`, `scope`. */
export type EventFilter = Filters;

/** Whether an event is asked for. `event=exec_start` also matches `exec_start: ls`, as Docker's does. */
export function matches(filter: EventFilter, message: EventMessage): boolean {
  return (
    matchesExactly(filter, 'type', message.Type ?? '') &&
    matchesExactly(filter, 'scope', message.scope ?? '') &&
    matchesAction(filter['event'], message.Action ?? '') &&
    matchesLabels(filter['label'], message.Actor?.Attributes) &&
    subjects.every((subject) => matchesSubject(filter[subject], subject, message))
  );
}

const subjects = ['container', 'image', 'network', 'volume', 'daemon', 'plugin'] as const;

function matchesAction(wanted: readonly string[] | undefined, action: string): boolean {
  if (wanted === undefined) return true;
  return wanted.some((want) => action === want || action.startsWith(`${want}:`));
}

/** By id, by its beginning, or by name; an image also by the image of a container's event. */
function matchesSubject(
  wanted: readonly string[] | undefined,
  subject: (typeof subjects)[number],
  message: EventMessage,
): boolean {
  if (wanted === undefined) return true;
  const { ID: id = '', Attributes: attributes = {} } = message.Actor ?? {};
  if (subject === 'image') {
    const names = message.Type === 'image' ? [id, attributes['name']] : [attributes['image']];
    return names.some((name) => name !== undefined && wanted.some((want) => isImage(want, name)));
  }
  if (message.Type === subject)
    return wanted.some((want) => id.startsWith(want) || attributes['name'] === want);
  return wanted.some((want) => attributes[subject] === want);
}

/** `busybox` means every tag of it; `busybox:1` that tag alone. */
const isImage = (want: string, name: string): boolean =>
  name === want || name.replace(/:[^/:]*$/, '') === want;
