/**
 * The Hub's records. Times are RFC 3339 in UTC with milliseconds, digests `algorithm:hex`, ids random hexadecimal where they
 * are text.
 *
 *     plan ──< account >── user ──< access_token, refresh_token, session, recovery_code
 *                 │          └──< member, team_member, user_grant, star
 *                 ├──< member >── user            an organisation's people
 *                 ├──< team ──< team_member, team_grant
 *                 └──< repository ──< tag ──> repository_manifest ──> manifest_content
 *                          │  │                     └──< manifest_link     what a manifest refers to
 *                          │  ├──< repository_blob ──> blob                bytes are files (BlobStore)
 *                          │  └──< upload, star, pull_day, team_grant, user_grant
 *                          └── public_text, private_text                  full text
 *     owner_content   what an owner's private repositories hold, each content once: usage is its sum
 *     mirror_tag, mirror_manifest, mirror_blob, mirror_link      the pull-through cache
 *     audit, setting, signing_key, invitation, attempt, hold
 *
 * Migrations run in order, each once, forward only; one that has shipped is never edited.
 */
export const hubMigrations: readonly string[] = [
  `
  CREATE TABLE setting (
    key         TEXT PRIMARY KEY,
    value       TEXT NOT NULL          -- JSON
  ) STRICT, WITHOUT ROWID;

  -- Limits are NULL where there are none.
  CREATE TABLE plan (
    id                    TEXT PRIMARY KEY,
    name                  TEXT NOT NULL UNIQUE,
    description           TEXT NOT NULL DEFAULT '',
    private_repositories  INTEGER,
    private_bytes         INTEGER,
    pulls_per_hour        INTEGER,
    is_default            INTEGER NOT NULL DEFAULT 0,
    position              INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  INSERT INTO plan (id, name, description, private_repositories, private_bytes, pulls_per_hour, is_default, position)
    VALUES ('free', 'Free', 'For people and small projects', 20, 21474836480, 600, 1, 0),
           ('team', 'Team', 'For teams that keep their images to themselves', 500, 1099511627776, 10000, 0, 1),
           ('unlimited', 'Unlimited', 'No limits', NULL, NULL, NULL, 0, 2);

  -- A name that repositories begin with: a user's or an organisation's.
  CREATE TABLE account (
    id                    TEXT PRIMARY KEY,
    name                  TEXT NOT NULL UNIQUE,
    kind                  TEXT NOT NULL CHECK (kind IN ('user', 'organisation')),
    display_name          TEXT NOT NULL DEFAULT '',
    plan_id               TEXT NOT NULL REFERENCES plan,
    default_visibility    TEXT NOT NULL DEFAULT 'private' CHECK (default_visibility IN ('public', 'private')),
    -- kept by ledger.ts in the transaction that changes what they count
    private_repositories  INTEGER NOT NULL DEFAULT 0,
    private_bytes         INTEGER NOT NULL DEFAULT 0,
    created_at            TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE user (
    account_id            TEXT PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    email                 TEXT NOT NULL DEFAULT '',
    password_hash         TEXT NOT NULL,
    password_changed_at   TEXT NOT NULL,
    is_admin              INTEGER NOT NULL DEFAULT 0,
    disabled_at           TEXT,
    -- second factor: in use once confirmed; the last step used is never taken again
    totp_secret           BLOB,
    totp_confirmed_at     TEXT,
    totp_last_step        INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX user_email ON user (lower(email)) WHERE email <> '';

  CREATE TABLE recovery_code (
    user_id     TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    hash        TEXT NOT NULL,
    PRIMARY KEY (user_id, hash)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE session (
    id          TEXT PRIMARY KEY,
    hash        TEXT NOT NULL UNIQUE,   -- of the cookie's value
    user_id     TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    created_at  TEXT NOT NULL,
    seen_at     TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    address     TEXT NOT NULL,
    agent       TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_user ON session (user_id);

  -- Personal access tokens. Scopes are nested: admin has write has read.
  CREATE TABLE access_token (
    id            TEXT PRIMARY KEY,
    hash          TEXT NOT NULL UNIQUE,
    user_id       TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    name          TEXT NOT NULL,
    scope         TEXT NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    created_at    TEXT NOT NULL,
    expires_at    TEXT,
    last_used_at  TEXT,
    last_address  TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX access_token_user ON access_token (user_id);

  -- What docker login keeps in place of a password: good for registry tokens alone. One that was given for an access token
  -- goes with it.
  CREATE TABLE refresh_token (
    id               TEXT PRIMARY KEY,
    hash             TEXT NOT NULL UNIQUE,
    user_id          TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    access_token_id  TEXT REFERENCES access_token ON DELETE CASCADE,
    client           TEXT NOT NULL,
    created_at       TEXT NOT NULL,
    seen_at          TEXT NOT NULL,
    expires_at       TEXT NOT NULL,
    address          TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX refresh_token_user ON refresh_token (user_id);
  CREATE INDEX refresh_token_access_token ON refresh_token (access_token_id);

  CREATE TABLE invitation (
    id               TEXT PRIMARY KEY,
    hash             TEXT NOT NULL UNIQUE,   -- of the code in the link
    email            TEXT NOT NULL DEFAULT '',
    organisation_id  TEXT REFERENCES account ON DELETE CASCADE,
    role             TEXT CHECK (role IN ('owner', 'editor', 'member')),
    created_by       TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    created_at       TEXT NOT NULL,
    expires_at       TEXT NOT NULL,
    used_by          TEXT REFERENCES user ON DELETE SET NULL,
    used_at          TEXT
  ) STRICT, WITHOUT ROWID;

  -- The keys that tokens are signed with. A retired one still verifies until its last token has expired.
  CREATE TABLE signing_key (
    id           TEXT PRIMARY KEY,
    private_key  TEXT NOT NULL,          -- PKCS #8, PEM
    created_at   TEXT NOT NULL,
    retired_at   TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE member (
    organisation_id  TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    user_id          TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    role             TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'member')),
    joined_at        TEXT NOT NULL,
    PRIMARY KEY (organisation_id, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX member_user ON member (user_id);

  CREATE TABLE team (
    id               TEXT PRIMARY KEY,
    organisation_id  TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    name             TEXT NOT NULL,
    description      TEXT NOT NULL DEFAULT '',
    UNIQUE (organisation_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE team_member (
    team_id  TEXT NOT NULL REFERENCES team ON DELETE CASCADE,
    user_id  TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    PRIMARY KEY (team_id, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX team_member_user ON team_member (user_id);

  CREATE TABLE repository (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id        TEXT NOT NULL REFERENCES account,
    name            TEXT NOT NULL,          -- without the owner's
    full_name       TEXT NOT NULL UNIQUE,
    visibility      TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
    description     TEXT NOT NULL DEFAULT '',
    immutable_tags  TEXT NOT NULL DEFAULT '[]', -- JSON: patterns with * and ?
    stars           INTEGER NOT NULL DEFAULT 0,
    pulls           INTEGER NOT NULL DEFAULT 0,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL,
    pulled_at       TEXT,
    -- how popular it is, from 1 to 4, each a hundred times the one below: what a search that finds too many takes first
    tier            INTEGER NOT NULL
                    GENERATED ALWAYS AS ((min(7, length(CAST(stars * 50 + pulls AS TEXT))) + 1) / 2) STORED,
    overview        TEXT NOT NULL DEFAULT ''    -- Markdown, as written; last, for it may be long and lists skip it
  ) STRICT;
  CREATE INDEX repository_owner ON repository (owner_id);
  -- in each order that lists have: of what is public, and of all the rest
  CREATE INDEX repository_by_name ON repository (visibility, full_name);
  CREATE INDEX repository_by_update ON repository (visibility, updated_at);
  CREATE INDEX repository_by_pulls ON repository (visibility, pulls);

  CREATE TABLE team_grant (
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    team_id        TEXT NOT NULL REFERENCES team ON DELETE CASCADE,
    level          TEXT NOT NULL CHECK (level IN ('read', 'write', 'admin')),
    PRIMARY KEY (repository_id, team_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX team_grant_team ON team_grant (team_id);

  CREATE TABLE user_grant (
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    user_id        TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    level          TEXT NOT NULL CHECK (level IN ('read', 'write', 'admin')),
    PRIMARY KEY (repository_id, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX user_grant_user ON user_grant (user_id);

  CREATE TABLE star (
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    user_id        TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
    starred_at     TEXT NOT NULL,
    PRIMARY KEY (repository_id, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX star_user ON star (user_id);

  CREATE TABLE pull_day (
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    day            TEXT NOT NULL,
    pulls          INTEGER NOT NULL,
    PRIMARY KEY (repository_id, day)
  ) STRICT, WITHOUT ROWID;

  CREATE TRIGGER star_insert AFTER INSERT ON star BEGIN
    UPDATE repository SET stars = stars + 1 WHERE id = new.repository_id;
  END;
  CREATE TRIGGER star_delete AFTER DELETE ON star BEGIN
    UPDATE repository SET stars = stars - 1 WHERE id = old.repository_id;
  END;

  -- Full text, kept by the triggers below: what is public and what is private apart, so that nothing of what is private has
  -- a part in how, or how fast, strangers are answered. Marks are words that no one can type, for each begins with a letter
  -- of Unicode's private use: U+E000 and a word of its name, U+E001 and its tier, U+E002 and the id of an account, a team or
  -- a user who may read it. They cost less than columns of their own would.
  CREATE VIRTUAL TABLE public_text USING fts5 (
    words, marks, content = '', contentless_delete = 1, detail = none,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3 4 5 6 7 8'
  );
  CREATE VIRTUAL TABLE private_text USING fts5 (
    words, marks, content = '', contentless_delete = 1, detail = none,
    tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3 4 5 6 7 8'
  );
  -- what is written is many small indexes at first; search-index.ts merges them bit by bit
  INSERT INTO public_text (public_text, rank) VALUES ('usermerge', 2);
  INSERT INTO private_text (private_text, rank) VALUES ('usermerge', 2);
  CREATE VIEW text_of_repository (id, visibility, words, marks) AS
    SELECT id, visibility, concat_ws(' ', full_name, description, overview),
           char(0xE000) || replace(replace(replace(replace(full_name,
             '/', ' ' || char(0xE000)), '-', ' ' || char(0xE000)), '_', ' ' || char(0xE000)), '.', ' ' || char(0xE000))
           || ' ' || char(0xE001) || tier || ' ' || char(0xE002) || owner_id
           || coalesce((SELECT group_concat(' ' || char(0xE002) || team_id, '') FROM team_grant WHERE repository_id = id), '')
           || coalesce((SELECT group_concat(' ' || char(0xE002) || user_id, '') FROM user_grant WHERE repository_id = id), '')
      FROM repository;
  CREATE TRIGGER repository_text_insert AFTER INSERT ON repository BEGIN
    INSERT INTO public_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = new.id AND visibility = 'public';
    INSERT INTO private_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = new.id AND visibility = 'private';
  END;
  CREATE TRIGGER repository_text_delete AFTER DELETE ON repository BEGIN
    DELETE FROM public_text WHERE rowid = old.id;
    DELETE FROM private_text WHERE rowid = old.id;
  END;
  CREATE TRIGGER repository_text_update AFTER UPDATE ON repository
    WHEN (old.full_name, old.visibility, old.description, old.overview, old.tier)
      IS NOT (new.full_name, new.visibility, new.description, new.overview, new.tier) BEGIN
    DELETE FROM public_text WHERE rowid = old.id;
    DELETE FROM private_text WHERE rowid = old.id;
    INSERT INTO public_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = new.id AND visibility = 'public';
    INSERT INTO private_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = new.id AND visibility = 'private';
  END;
  CREATE TRIGGER team_grant_text_insert AFTER INSERT ON team_grant BEGIN
    DELETE FROM private_text WHERE rowid = new.repository_id;
    INSERT INTO private_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = new.repository_id AND visibility = 'private';
  END;
  CREATE TRIGGER team_grant_text_delete AFTER DELETE ON team_grant BEGIN
    DELETE FROM private_text WHERE rowid = old.repository_id;
    INSERT INTO private_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = old.repository_id AND visibility = 'private';
  END;
  CREATE TRIGGER user_grant_text_insert AFTER INSERT ON user_grant BEGIN
    DELETE FROM private_text WHERE rowid = new.repository_id;
    INSERT INTO private_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = new.repository_id AND visibility = 'private';
  END;
  CREATE TRIGGER user_grant_text_delete AFTER DELETE ON user_grant BEGIN
    DELETE FROM private_text WHERE rowid = old.repository_id;
    INSERT INTO private_text (rowid, words, marks)
      SELECT id, words, marks FROM text_of_repository WHERE id = old.repository_id AND visibility = 'private';
  END;

  -- Files in the blob store. Deleted here first, then there.
  CREATE TABLE blob (
    digest      TEXT PRIMARY KEY,
    size        INTEGER NOT NULL,
    created_at  TEXT NOT NULL,
    checked_at  TEXT,                    -- last read whole and found right
    bad_at      TEXT                     -- found wrong
  ) STRICT, WITHOUT ROWID;

  -- Blobs that a repository serves: pushed to it, or mounted from another.
  CREATE TABLE repository_blob (
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    digest         TEXT NOT NULL REFERENCES blob,
    linked_at      TEXT NOT NULL,
    PRIMARY KEY (repository_id, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX repository_blob_digest ON repository_blob (digest);

  CREATE TABLE manifest_content (
    digest  TEXT PRIMARY KEY,
    size    INTEGER NOT NULL,
    bytes   BLOB NOT NULL
  ) STRICT;

  CREATE TABLE repository_manifest (
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    digest         TEXT NOT NULL REFERENCES manifest_content,
    media_type     TEXT NOT NULL,
    artifact_type  TEXT NOT NULL DEFAULT '',
    annotations    TEXT NOT NULL DEFAULT '{}',  -- JSON
    subject        TEXT,                        -- a digest; it need not be there
    total_size     INTEGER NOT NULL,            -- of its config and layers
    platform       TEXT NOT NULL DEFAULT '',    -- os/architecture[/variant]
    pushed_at      TEXT NOT NULL,
    pushed_by      TEXT,
    PRIMARY KEY (repository_id, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX repository_manifest_subject ON repository_manifest (repository_id, subject) WHERE subject IS NOT NULL;
  CREATE INDEX repository_manifest_digest ON repository_manifest (digest);

  CREATE TABLE manifest_link (
    repository_id  INTEGER NOT NULL,
    manifest       TEXT NOT NULL,
    target         TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('config', 'layer', 'manifest')),
    PRIMARY KEY (repository_id, manifest, target, kind),
    FOREIGN KEY (repository_id, manifest) REFERENCES repository_manifest ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX manifest_link_target ON manifest_link (repository_id, target);

  CREATE TABLE tag (
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    name           TEXT NOT NULL,
    digest         TEXT NOT NULL,
    updated_at     TEXT NOT NULL,
    updated_by     TEXT,
    PRIMARY KEY (repository_id, name),
    FOREIGN KEY (repository_id, digest) REFERENCES repository_manifest
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tag_digest ON tag (repository_id, digest);

  -- What owners' private repositories hold: links from how many of them. Kept by ledger.ts.
  CREATE TABLE owner_content (
    owner_id  TEXT NOT NULL REFERENCES account ON DELETE CASCADE,
    digest    TEXT NOT NULL,
    size      INTEGER NOT NULL,
    links     INTEGER NOT NULL,
    PRIMARY KEY (owner_id, digest)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE upload (
    id             TEXT PRIMARY KEY,
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    account_id     TEXT,
    received       INTEGER NOT NULL,
    started_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- While one has not expired, no blob's file is deleted: its holder (a backup) reads them all, and renews it.
  CREATE TABLE hold (
    id          TEXT PRIMARY KEY,
    expires_at  TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    at          TEXT NOT NULL,
    actor_id    TEXT,
    actor       TEXT NOT NULL,           -- a name, '' for a stranger
    action      TEXT NOT NULL,           -- repository.create
    target      TEXT NOT NULL,
    owner_id    TEXT,                    -- whose owners may read it
    address     TEXT NOT NULL,
    details     TEXT NOT NULL DEFAULT '{}' -- JSON
  ) STRICT;
  CREATE INDEX audit_owner ON audit (owner_id, id);
  CREATE INDEX audit_actor ON audit (actor_id, id);

  -- The pull-through cache: what came from its upstream. Nobody's, and in nobody's usage.
  CREATE TABLE mirror_tag (
    name        TEXT NOT NULL,           -- of the repository there
    tag         TEXT NOT NULL,
    digest      TEXT NOT NULL,
    checked_at  TEXT NOT NULL,           -- upstream said so
    PRIMARY KEY (name, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE mirror_manifest (
    digest      TEXT PRIMARY KEY,
    media_type  TEXT NOT NULL,
    bytes       BLOB NOT NULL,
    used_at     TEXT NOT NULL
  ) STRICT;
  CREATE TABLE mirror_blob (
    digest      TEXT PRIMARY KEY,
    size        INTEGER NOT NULL,
    used_at     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- What a repository there was seen to have.
  CREATE TABLE mirror_link (
    name        TEXT NOT NULL,
    digest      TEXT NOT NULL,
    PRIMARY KEY (name, digest)
  ) STRICT, WITHOUT ROWID;
  `,
  // uploads know whom they count for; the mirror finds what is to go; wrong passwords are remembered
  `
  ALTER TABLE upload RENAME TO upload_before;
  CREATE TABLE upload (
    id             TEXT PRIMARY KEY,
    repository_id  INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    owner_id       TEXT NOT NULL,         -- the repository's
    account_id     TEXT,                  -- who pushes
    received       INTEGER NOT NULL,
    started_at     TEXT NOT NULL,
    updated_at     TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO upload
    SELECT u.id, u.repository_id, r.owner_id, u.account_id, u.received, u.started_at, u.updated_at
      FROM upload_before u JOIN repository r ON r.id = u.repository_id;
  DROP TABLE upload_before;
  CREATE INDEX upload_owner ON upload (owner_id, repository_id, account_id);

  CREATE INDEX mirror_tag_digest ON mirror_tag (digest);
  CREATE INDEX mirror_manifest_used ON mirror_manifest (used_at);
  CREATE INDEX mirror_blob_used ON mirror_blob (used_at, digest);
  CREATE INDEX mirror_link_digest ON mirror_link (digest);

  -- Wrong passwords and codes. Positions are in the order of keys' last failures; a key is a hash.
  CREATE TABLE attempt (
    position  INTEGER PRIMARY KEY AUTOINCREMENT,
    key       TEXT NOT NULL UNIQUE,
    failures  INTEGER NOT NULL,
    last_at   TEXT NOT NULL
  ) STRICT;
  `,
];
