/**
 * Every table of the engine. Records are here, bytes are in files (paths.ts).
 *
 *     image ─────────< image_layer >───── layer            tag >───── image
 *     (config digest)   (position)       (diffID)          repository_digest >── image
 *
 *     container ───── snapshot ────< snapshot_layer >───── layer
 *         │
 *         └────< endpoint >───── network        volume
 *                   │               │
 *                   └──── lease >───┘           blob (content store)   layer_source (diffID ↔ blob ↔ repository)
 *
 *     build_step ───── layer       build_file >── build_pack      build_origin       build_cache (a cache mount)       build
 *                        build_download >── build_file
 *
 * Migrations run in order, each once, forward only; `user_version` counts them. One that has shipped is never edited.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE blob (
    digest      TEXT PRIMARY KEY,
    size        INTEGER NOT NULL,
    created_at  TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE layer (
    driver      TEXT NOT NULL,             -- each snapshot driver has layers of its own
    diff_id     TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('stored', 'removing')),
    size        INTEGER NOT NULL,          -- bytes of its files
    tar_size    INTEGER NOT NULL,
    path        TEXT NOT NULL,             -- relative to the driver's root
    root        TEXT,                      -- JSON: what the tar says of its root directory, if it does
    created_at  TEXT NOT NULL,
    PRIMARY KEY (driver, diff_id)
  ) STRICT, WITHOUT ROWID;

  -- Where a layer's compressed form was seen: what push needs to skip or mount it.
  CREATE TABLE layer_source (
    diff_id     TEXT NOT NULL,
    blob        TEXT NOT NULL,             -- digest of the compressed blob
    size        INTEGER NOT NULL,
    media_type  TEXT NOT NULL,
    repository  TEXT NOT NULL,             -- domain/path
    PRIMARY KEY (diff_id, repository, blob)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE image (
    id          TEXT PRIMARY KEY,          -- the config's digest
    config      TEXT NOT NULL,             -- the config blob's JSON, byte for byte
    size        INTEGER NOT NULL,
    created_at  TEXT NOT NULL,             -- when this engine got it
    parent      TEXT,
    tagged_at   TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE image_layer (
    image_id    TEXT NOT NULL REFERENCES image ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    diff_id     TEXT NOT NULL,
    PRIMARY KEY (image_id, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX image_layer_diff ON image_layer (diff_id);

  -- Under which manifest an image was pulled or pushed; its bytes are in the content store.
  CREATE TABLE image_manifest (
    image_id    TEXT NOT NULL REFERENCES image ON DELETE CASCADE,
    digest      TEXT NOT NULL,
    PRIMARY KEY (image_id, digest)
  ) STRICT, WITHOUT ROWID;

  -- A layer that no image names yet: of a pull under way, or kept for the next try of one that failed.
  CREATE TABLE kept_layer (
    diff_id     TEXT PRIMARY KEY,
    until       TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tag (
    repository  TEXT NOT NULL,             -- normalised, with its domain: docker.io/library/busybox
    tag         TEXT NOT NULL,
    image_id    TEXT NOT NULL REFERENCES image,
    PRIMARY KEY (repository, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tag_image ON tag (image_id);

  CREATE TABLE repository_digest (
    repository  TEXT NOT NULL,
    digest      TEXT NOT NULL,             -- of the manifest or index that was asked for
    image_id    TEXT NOT NULL REFERENCES image ON DELETE CASCADE,
    PRIMARY KEY (repository, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX repository_digest_image ON repository_digest (image_id);

  CREATE TABLE snapshot (
    key         TEXT PRIMARY KEY,
    driver      TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('active', 'removing')),
    created_at  TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE snapshot_layer (
    key         TEXT NOT NULL REFERENCES snapshot ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    diff_id     TEXT NOT NULL,
    PRIMARY KEY (key, position)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX snapshot_layer_diff ON snapshot_layer (diff_id);

  CREATE TABLE container (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,      -- without the leading slash
    status      TEXT NOT NULL,             -- the life table's words
    image_id    TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    record      TEXT NOT NULL,             -- JSON: what was asked for, merged; mounts
    state       TEXT NOT NULL              -- JSON: status, times, exit
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX container_image ON container (image_id);
  CREATE INDEX container_created ON container (created_at);

  CREATE TABLE network (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    driver      TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    record      TEXT NOT NULL              -- JSON: IPAM, options, labels
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE endpoint (
    container_id TEXT NOT NULL,
    network_id  TEXT NOT NULL REFERENCES network,
    record      TEXT NOT NULL,             -- JSON: MAC, link name, published ports
    PRIMARY KEY (container_id, network_id)
  ) STRICT, WITHOUT ROWID;

  -- One address taken from a network's pool, in the same transaction as its endpoint.
  CREATE TABLE lease (
    network_id  TEXT NOT NULL,
    address     INTEGER NOT NULL,          -- IPv4 as a number
    container_id TEXT NOT NULL,
    PRIMARY KEY (network_id, address)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lease_container ON lease (container_id);

  CREATE TABLE published_port (
    protocol    TEXT NOT NULL,
    host_ip     TEXT NOT NULL,
    host_port   INTEGER NOT NULL,
    container_id TEXT NOT NULL,
    network_id  TEXT NOT NULL,             -- whose endpoint it leads to
    container_port INTEGER NOT NULL,
    PRIMARY KEY (protocol, host_ip, host_port)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX published_port_container ON published_port (container_id);

  CREATE TABLE volume (
    name        TEXT PRIMARY KEY,
    driver      TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    record      TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE meta (
    name        TEXT PRIMARY KEY,
    value       TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What a step gave, by the key made of its inputs.
  CREATE TABLE build_step (
    key         TEXT PRIMARY KEY,
    place       TEXT NOT NULL,             -- where it stands: what an earlier build had there explains a miss
    instruction TEXT NOT NULL,             -- for people
    layer       TEXT,                      -- diffID; null where nothing changed
    size        INTEGER NOT NULL,
    inputs      BLOB NOT NULL,             -- compressed JSON: each input's digest by its name
    created_at  TEXT NOT NULL,
    used_at     TEXT NOT NULL,
    uses        INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX build_step_place ON build_step (place, used_at);
  CREATE INDEX build_step_layer ON build_step (layer);

  CREATE TABLE build_cache (
    id          TEXT PRIMARY KEY,          -- the cache mount's
    folder      TEXT NOT NULL UNIQUE,      -- under build/caches
    created_at  TEXT NOT NULL,
    used_at     TEXT NOT NULL,
    uses        INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Files of contexts: bytes are in packs (build/packs), each several files end to end.
  CREATE TABLE build_pack (
    name        TEXT PRIMARY KEY,
    size        INTEGER NOT NULL,
    created_at  TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE build_file (
    digest      TEXT PRIMARY KEY,
    pack        TEXT NOT NULL REFERENCES build_pack ON DELETE CASCADE,
    offset      INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    used_at     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX build_file_pack ON build_file (pack);

  -- What a client's directory had when it was last sent: one compressed listing each.
  CREATE TABLE build_origin (
    origin      TEXT PRIMARY KEY,
    listing     BLOB NOT NULL,
    used_at     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Builds that were, for people; their events are in files (build/events).
  CREATE TABLE build (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    record      TEXT NOT NULL              -- JSON
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX build_started ON build (started_at);
  `,
  `
  -- What ADD fetched by URL, with what asks its server whether it is still the same.
  CREATE TABLE build_download (
    url           TEXT PRIMARY KEY,        -- its digest: the URL may hold a password
    digest        TEXT NOT NULL REFERENCES build_file ON DELETE CASCADE,
    name          TEXT NOT NULL,
    modified      INTEGER NOT NULL,        -- seconds; 0 where the server does not say
    place         TEXT NOT NULL,           -- digest of where redirects led
    etag          TEXT,
    last_modified TEXT                     -- as the server writes it, where it tells versions apart
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX build_download_digest ON build_download (digest);
  `,
];
