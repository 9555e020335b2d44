import type { Container } from './container.ts';
import type { Rooms } from './rooms.ts';

/** Publishes what happened to a container, with its labels, image and name, as Docker's events have them. */
export function tell(
  rooms: Pick<Rooms, 'events'>,
  container: Container,
  action: string,
  attributes: Readonly<Record<string, string>> = {},
): void {
  const { id, name, image, config } = container.record;
  rooms.events.publish({
    type: 'container',
    action,
    id,
    attributes: { ...config.Labels, image, name, ...attributes },
  });
}
