-- One list of migrations for SQLite and PostgreSQL. Types: KEYTEXT for text that is looked up or ordered, compared byte
-- by byte (on PostgreSQL a domain over text with the collation "C"); TEXT for other text and JSON; BIGINT for counters
-- and for times in milliseconds since 1970; BLOB (on PostgreSQL a domain over bytea); BOOLEAN.
--
-- The primary key of what belongs to an environment starts with the environment, and so does every reference to it, so
-- that no row can refer to one of another environment.

CREATE TABLE environments (
    id KEYTEXT NOT NULL PRIMARY KEY,
    name KEYTEXT NOT NULL,
    application TEXT NOT NULL,
    verification_mode TEXT NOT NULL,
    allowed_return_urls TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT environments_name UNIQUE (name)
);

-- Wrapped by a key-encryption key. The owner is an environment, or 'system' for what belongs to the installation.
CREATE TABLE data_keys (
    environment KEYTEXT NOT NULL,
    version BIGINT NOT NULL,
    kek_id TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment, version)
);

CREATE TABLE signing_keys (
    id KEYTEXT NOT NULL PRIMARY KEY,
    public_jwk TEXT NOT NULL,
    private_key BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

CREATE TABLE operator_sessions (
    id KEYTEXT NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CONSTRAINT operator_sessions_token_hash UNIQUE (token_hash)
);

-- A client authenticates before its environment is known, so that its id alone is the key.
CREATE TABLE clients (
    id KEYTEXT NOT NULL PRIMARY KEY,
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used_at BIGINT,
    CONSTRAINT clients_of_environment UNIQUE (environment_id, id)
);

CREATE TABLE client_secrets (
    id KEYTEXT NOT NULL PRIMARY KEY,
    environment_id KEYTEXT NOT NULL,
    client_id KEYTEXT NOT NULL,
    hash BLOB NOT NULL,
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    FOREIGN KEY (environment_id, client_id) REFERENCES clients (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX client_secrets_of_client ON client_secrets (client_id, id);

-- A token is found by its hash alone: it is what tells the environment.
CREATE TABLE api_tokens (
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    id KEYTEXT NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    hint TEXT NOT NULL,
    permissions TEXT NOT NULL,
    created_by KEYTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT api_tokens_hash UNIQUE (hash)
);
CREATE INDEX api_tokens_by_maker ON api_tokens (environment_id, created_by, id);

CREATE TABLE organizations (
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    id KEYTEXT NOT NULL,
    display_name TEXT NOT NULL,
    external_id KEYTEXT,
    slug TEXT,
    logo_url TEXT,
    region_code BIGINT NOT NULL,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT organizations_external_id UNIQUE (environment_id, external_id)
);

CREATE TABLE custom_connectors (
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    identifier KEYTEXT NOT NULL,
    display_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, identifier)
);

CREATE TABLE connections (
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    id KEYTEXT NOT NULL,
    name TEXT NOT NULL,
    name_folded KEYTEXT NOT NULL,
    connector KEYTEXT NOT NULL,
    auth_type TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    config TEXT NOT NULL,
    secrets BLOB,
    allowed_redirect_uris TEXT NOT NULL,
    fault TEXT,
    fault_count BIGINT NOT NULL,
    fault_retry_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT connections_name UNIQUE (environment_id, name_folded)
);
-- A callback names its connection before its environment is known.
CREATE UNIQUE INDEX connections_by_id ON connections (id);
CREATE INDEX connections_of_connector ON connections (environment_id, connector, id);

-- organization_id and user_id are the application's own; '' where there is none, so that the account stays unique.
CREATE TABLE accounts (
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    id KEYTEXT NOT NULL,
    connection_id KEYTEXT NOT NULL,
    identifier KEYTEXT NOT NULL,
    identifier_type TEXT NOT NULL,
    organization_id KEYTEXT NOT NULL,
    user_id KEYTEXT NOT NULL,
    state KEYTEXT NOT NULL,
    reason TEXT NOT NULL,
    state_changed_at BIGINT NOT NULL,
    api_config BLOB,
    metadata TEXT NOT NULL,
    application_metadata TEXT NOT NULL,
    settings TEXT NOT NULL,
    test_mode BOOLEAN NOT NULL,
    narrowed_scopes TEXT,
    requested_scopes TEXT NOT NULL,
    granted_scopes TEXT NOT NULL,
    token_expires_at BIGINT,
    last_used_at BIGINT,
    last_authorized_at BIGINT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT accounts_identity UNIQUE (environment_id, connection_id, identifier, organization_id, user_id),
    FOREIGN KEY (environment_id, connection_id) REFERENCES connections (environment_id, id)
);
-- Each filter of the list has an index that ends with the order of the list.
CREATE INDEX accounts_of_connection ON accounts (environment_id, connection_id, id);
CREATE INDEX accounts_of_identifier ON accounts (environment_id, identifier, id);
CREATE INDEX accounts_in_state ON accounts (environment_id, state, id);
CREATE INDEX accounts_of_organization ON accounts (environment_id, organization_id, id) WHERE organization_id <> '';
CREATE INDEX accounts_of_user ON accounts (environment_id, user_id, id) WHERE user_id <> '';

-- What an account is found by: the start of any of its terms. The connection is repeated here for its index.
CREATE TABLE account_terms (
    environment_id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    term KEYTEXT NOT NULL,
    connection_id KEYTEXT NOT NULL,
    PRIMARY KEY (environment_id, account_id, term),
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX account_terms_by_term ON account_terms (environment_id, term, account_id);
CREATE INDEX account_terms_of_connection ON account_terms (environment_id, connection_id, term, account_id);

-- What an account is found by among the values of the application: path=value.
CREATE TABLE account_metadata (
    environment_id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    term KEYTEXT NOT NULL,
    PRIMARY KEY (environment_id, account_id, term),
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX account_metadata_by_term ON account_metadata (environment_id, term, account_id);

CREATE TABLE credentials (
    environment_id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    generation BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    expires_at BIGINT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, account_id),
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);

-- How a live credential is kept fresh: when that is due next, who is at it, and what became of it last. The host is that
-- of the token endpoint. An attempt is noted before it is sent and taken away with its outcome; what is left of it
-- after a crash says which generation of the credential may be spent.
CREATE TABLE refreshes (
    environment_id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    connection_id KEYTEXT NOT NULL,
    host KEYTEXT NOT NULL,
    refreshable BOOLEAN NOT NULL,
    grant_ends_at BIGINT,
    grant_end_moves BOOLEAN NOT NULL,
    issued_at BIGINT NOT NULL,
    due_at BIGINT,
    ended TEXT,
    fencing BIGINT NOT NULL,
    holder TEXT,
    held_until BIGINT,
    attempt_generation BIGINT,
    attempt_repeated BOOLEAN NOT NULL,
    attempt_at BIGINT,
    failures BIGINT NOT NULL,
    last_outcome TEXT,
    last_detail TEXT,
    last_outcome_at BIGINT,
    PRIMARY KEY (environment_id, account_id),
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX refreshes_due ON refreshes (host, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX refreshes_held ON refreshes (host, held_until) WHERE held_until IS NOT NULL;
CREATE INDEX refreshes_of_connection ON refreshes (environment_id, connection_id, due_at);

-- Hosts of token endpoints, for all environments: whether each is asked at the moment. Claiming work for a host changes
-- its row, so that processes do so one after the other.
CREATE TABLE token_hosts (
    host KEYTEXT NOT NULL PRIMARY KEY,
    claims BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    paused_until BIGINT
);

-- Tokens that are destroyed for every use but one: to tell the provider that they are not used any more.
CREATE TABLE revocations (
    environment_id KEYTEXT NOT NULL,
    id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    connection_id KEYTEXT NOT NULL,
    sealed BLOB,
    result TEXT NOT NULL,
    detail TEXT,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (environment_id, id)
);
CREATE INDEX revocations_due ON revocations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX revocations_of_account ON revocations (environment_id, account_id, id);

CREATE TABLE links (
    environment_id KEYTEXT NOT NULL,
    id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    token_hash BLOB NOT NULL,
    state TEXT NOT NULL,
    details BLOB NOT NULL,
    requested_scopes TEXT,
    max_uses BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    opened_at BIGINT,
    used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT links_token_hash UNIQUE (token_hash),
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX links_of_account ON links (environment_id, account_id, id);
CREATE INDEX links_by_expiry ON links (expires_at);

-- A flow that an application takes back to its own callback has neither link nor browser.
CREATE TABLE flows (
    environment_id KEYTEXT NOT NULL,
    id KEYTEXT NOT NULL,
    link_id KEYTEXT,
    account_id KEYTEXT NOT NULL,
    connection_id KEYTEXT NOT NULL,
    state_hash BLOB NOT NULL,
    browser_hash BLOB,
    details BLOB NOT NULL,
    outcome TEXT NOT NULL,
    outcome_detail TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    claimed_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT flows_state_hash UNIQUE (state_hash),
    FOREIGN KEY (environment_id, link_id) REFERENCES links (environment_id, id) ON DELETE CASCADE,
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX flows_of_account ON flows (environment_id, account_id, id);
CREATE INDEX flows_of_link ON flows (environment_id, link_id);
CREATE INDEX flows_by_expiry ON flows (expires_at);
-- A link has one flow under way, and an account has one without a link.
CREATE UNIQUE INDEX flows_under_way ON flows (environment_id, link_id) WHERE outcome = 'started';
CREATE UNIQUE INDEX flows_under_way_without_link ON flows (environment_id, account_id)
    WHERE link_id IS NULL AND outcome = 'started';

CREATE TABLE verifications (
    environment_id KEYTEXT NOT NULL,
    id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    link_id KEYTEXT NOT NULL,
    token_hash BLOB NOT NULL,
    parked BLOB,
    details BLOB NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT verifications_token_hash UNIQUE (token_hash),
    FOREIGN KEY (environment_id, account_id) REFERENCES accounts (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX verifications_of_account ON verifications (environment_id, account_id);
CREATE INDEX verifications_by_expiry ON verifications (expires_at);
-- An account has one credential parked.
CREATE UNIQUE INDEX verifications_pending ON verifications (environment_id, account_id) WHERE state = 'pending';

-- An operation on many accounts, written with its items before the first of them is touched. The items are worked off in
-- their order, so that succeeded + failed is the place of the next one. Until it has ended, due_at is when another
-- process may go on with it. The request is that of an Idempotency-Key, and finds its operation again.
CREATE TABLE bulk_operations (
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    id KEYTEXT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    request_id KEYTEXT,
    input TEXT NOT NULL,
    total BIGINT NOT NULL,
    succeeded BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    fencing BIGINT NOT NULL,
    due_at BIGINT,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (environment_id, id),
    CONSTRAINT bulk_operations_request UNIQUE (environment_id, request_id)
);
CREATE INDEX bulk_operations_due ON bulk_operations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX bulk_operations_unfinished ON bulk_operations (environment_id) WHERE finished_at IS NULL;
CREATE INDEX bulk_operations_finished ON bulk_operations (finished_at) WHERE finished_at IS NOT NULL;

-- The input is gone once the item has been worked off. The account may have been deleted since.
CREATE TABLE bulk_items (
    environment_id KEYTEXT NOT NULL,
    operation_id KEYTEXT NOT NULL,
    place BIGINT NOT NULL,
    input TEXT NOT NULL,
    state KEYTEXT NOT NULL,
    account_id KEYTEXT,
    created BOOLEAN NOT NULL,
    error TEXT,
    PRIMARY KEY (environment_id, operation_id, place),
    FOREIGN KEY (environment_id, operation_id) REFERENCES bulk_operations (environment_id, id) ON DELETE CASCADE
);
CREATE INDEX bulk_items_failed ON bulk_items (environment_id, operation_id, place) WHERE state = 'failed';

-- Requests that came with an Idempotency-Key, by who sent them. Until there is an answer, held_until is when the process
-- that carries the request out has to be taken for gone. The answer can hold secrets.
CREATE TABLE idempotency_keys (
    environment_id KEYTEXT NOT NULL REFERENCES environments (id),
    actor KEYTEXT NOT NULL,
    name KEYTEXT NOT NULL,
    request_id KEYTEXT NOT NULL,
    request_hash BLOB NOT NULL,
    fencing BIGINT NOT NULL,
    held_until BIGINT NOT NULL,
    answer BLOB,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, actor, name)
);
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

-- The journal. It outlives what it tells of, so that it refers to nothing.
CREATE TABLE events (
    environment_id KEYTEXT NOT NULL,
    id KEYTEXT NOT NULL,
    account_id KEYTEXT,
    connection_id KEYTEXT,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id)
);
CREATE INDEX events_of_account ON events (environment_id, account_id, id);
-- What an account's health is counted by. The words of the condition are those of the queries.
CREATE INDEX events_of_authentication ON events (environment_id, account_id, kind, id)
    WHERE kind IN ('credential.stored', 'flow.ended', 'verification.refused', 'token.refreshed', 'token.refresh_failed');

-- Calls to providers. Like the journal it outlives what it tells of.
CREATE TABLE tool_calls (
    environment_id KEYTEXT NOT NULL,
    id KEYTEXT NOT NULL,
    actor TEXT NOT NULL,
    agent_run_id KEYTEXT,
    tool_name TEXT NOT NULL,
    provider KEYTEXT NOT NULL,
    account_id KEYTEXT,
    connection_id KEYTEXT,
    connection_name KEYTEXT NOT NULL,
    identifier KEYTEXT NOT NULL,
    organization_id TEXT,
    user_id TEXT,
    source KEYTEXT NOT NULL,
    outcome KEYTEXT NOT NULL,
    status BIGINT,
    error_code KEYTEXT NOT NULL,
    error_message TEXT NOT NULL,
    host TEXT NOT NULL,
    duration_ms BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    PRIMARY KEY (environment_id, id)
);
CREATE INDEX tool_calls_of_identifier ON tool_calls (environment_id, identifier, id) WHERE identifier <> '';
CREATE INDEX tool_calls_of_run ON tool_calls (environment_id, agent_run_id, id) WHERE agent_run_id IS NOT NULL;

-- How many calls are alike in everything that an overview tells apart, by slots of five minutes since 1970.
CREATE TABLE tool_call_sums (
    environment_id KEYTEXT NOT NULL,
    slot BIGINT NOT NULL,
    provider KEYTEXT NOT NULL,
    connection_name KEYTEXT NOT NULL,
    source KEYTEXT NOT NULL,
    outcome KEYTEXT NOT NULL,
    error_code KEYTEXT NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (environment_id, slot, provider, connection_name, source, outcome, error_code)
);

-- The calls of an account on a day, in days since 1970, by tool; '' stands for proxied requests. Kept when the calls
-- themselves are removed.
CREATE TABLE tool_call_counters (
    environment_id KEYTEXT NOT NULL,
    account_id KEYTEXT NOT NULL,
    day BIGINT NOT NULL,
    tool_name KEYTEXT NOT NULL,
    tool_executions BIGINT NOT NULL,
    api_requests BIGINT NOT NULL,
    provider_errors BIGINT NOT NULL,
    platform_errors BIGINT NOT NULL,
    PRIMARY KEY (environment_id, account_id, day, tool_name)
);
