/**
 * events: what happens in the engine, told as it happens and remembered for a while.
 *
 * Nouns: an event (`EventMessage`, Docker's wire form), the feed (`Events`), a subscription, a filter.
 *
 *     events.publish({ type: 'container', action: 'start', id, attributes: { name, image } });
 *     for await (const event of events.subscribe({ filter: { type: ['container'] } })) …
 *
 * Record, then tell: rooms publish after their row is written. Called by every room with records; read by the server.
 */
export { Events, type NewEvent, type Subscription } from './events.ts';
export { type Filters, matchesExactly, matchesLabels } from './filters.ts';
export { type EventFilter, matches } from './match.ts';
