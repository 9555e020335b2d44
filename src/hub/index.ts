/**
 * hub: the registry and what people make of it: accounts, repositories that are public or private, search, plans, a page.
 *
 * Nouns: Hub (all of it, over one directory), Area (a part of its addresses), actor, account, repository, plan.
 *
 *     await using hub = await openHub({ directory: '/var/lib/hoist-hub', log });
 *     hub.createServer().listen(5000, '127.0.0.1');
 *
 *     program ── hub.ts ──┬── registry ──┬── catalogue ──┬── access, usage, audit, settings ── records
 *        │                ├── accounts   │               └── http
 *        │                ├── mirror     └── store
 *        └── upkeep ──────┘   web (the page, in a browser) ── api
 *
 * Called by bin/hoist-hub; imports base, api, oci, archive, state and distribution, and nothing of the engine.
 */
export { type Hub, type HubOptions, openHub } from './hub.ts';
export { hubVersion } from './program/version.ts';
