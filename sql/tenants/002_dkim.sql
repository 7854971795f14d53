-- SPDX-License-Identifier: BSD-2-Clause
-- DKIM keys of the tenants' domains. Rows are made by easymailctl, which alone can seal a private part;
-- plain SQL may read them, move them from state to state and delete them.

-- A key pair, published as TXT record at SELECTOR._domainkey.DOMAIN.
CREATE TABLE dkim_key (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	domain       TEXT NOT NULL REFERENCES domain (name),  -- d= of the signatures; the sealed part is bound to it
	selector     TEXT NOT NULL  -- s= of the signatures; one record in DNS holds one key
	             CONSTRAINT dkim_key_selector_is_1_to_63_of_a_z_0_9_hyphen_dot
	             CHECK (selector GLOB '[a-z0-9]*' AND selector GLOB '*[a-z0-9]' AND selector NOT GLOB '*[^a-z0-9.-]*'
	                    AND selector NOT GLOB '*..*' AND selector NOT GLOB '*.-*' AND selector NOT GLOB '*-.*'
	                    AND length(selector) <= 63),
	algorithm    TEXT NOT NULL
	             CONSTRAINT dkim_key_algorithm_is_rsa_or_ed25519 CHECK (algorithm IN ('rsa', 'ed25519')),
	bits         INTEGER NOT NULL
	             CONSTRAINT dkim_key_bits_fit_the_algorithm
	             CHECK (iif(algorithm = 'rsa', bits BETWEEN 2048 AND 4096, bits = 256)),
	state        TEXT NOT NULL DEFAULT 'pending'
	             -- pending: its record is to be published; active: signs; retiring: signs no more, its record stays for
	             -- mail under way; retired: its record may go, its private part is gone
	             CONSTRAINT dkim_key_state_is_pending_active_retiring_or_retired
	             CHECK (state IN ('pending', 'active', 'retiring', 'retired')),
	public_key   TEXT NOT NULL  -- p= of the record, base64
	             CONSTRAINT dkim_key_public_key_is_base64
	             CHECK (public_key <> '' AND public_key NOT GLOB '*[^A-Za-z0-9+/=]*'),
	sealed       BLOB,          -- private part (PKCS #8, DER) under AES-256-GCM: 12 octets nonce, text, 16 octets tag
	sealed_under TEXT NOT NULL  -- which key file opens it: the first 16 hexadecimal digits of its key's SHA-256
	             CONSTRAINT dkim_key_sealed_under_is_16_hexadecimal_digits
	             CHECK (length(sealed_under) = 16 AND sealed_under NOT GLOB '*[^0-9a-f]*'),
	created      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	state_since  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),  -- kept by triggers
	UNIQUE (domain, selector),
	CONSTRAINT dkim_key_sealed_is_there_until_the_key_is_retired
	CHECK (iif(state = 'retired', sealed IS NULL, length(sealed) BETWEEN 29 AND 4096))
) STRICT;
-- Signing asks for a domain's active keys; there is one of each algorithm, and one to come.
CREATE UNIQUE INDEX dkim_key_active ON dkim_key (domain, algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX dkim_key_pending ON dkim_key (domain, algorithm) WHERE state = 'pending';

-- References, checked whatever PRAGMA foreign_keys says.

CREATE TRIGGER dkim_key_check_insert BEFORE INSERT ON dkim_key
BEGIN
	SELECT RAISE(ABORT, 'dkim_key.domain: no such domain; insert the domain first')
	WHERE NOT EXISTS (SELECT 1 FROM domain WHERE name = NEW.domain);
	-- Not left to UNIQUE: INSERT OR REPLACE would throw a key away without a trigger.
	SELECT RAISE(ABORT, 'dkim_key.selector: the domain has a key there; take another selector')
	WHERE EXISTS (SELECT 1 FROM dkim_key WHERE (domain = NEW.domain AND selector = NEW.selector) OR id = NEW.id);
	SELECT RAISE(ABORT, 'dkim_key.state: the domain has a key of this algorithm in this state; move or delete that first')
	WHERE NEW.state IN ('pending', 'active')
	      AND EXISTS (SELECT 1 FROM dkim_key WHERE domain = NEW.domain AND algorithm = NEW.algorithm AND state = NEW.state);
END;
CREATE TRIGGER dkim_key_fixed BEFORE UPDATE OF id, domain, selector, algorithm, bits, public_key, sealed_under, created ON dkim_key
BEGIN SELECT RAISE(ABORT, 'dkim_key: only state can be changed; make another key'); END;
CREATE TRIGGER dkim_key_sealed_fixed BEFORE UPDATE OF sealed ON dkim_key
WHEN NEW.sealed IS NOT NULL AND NEW.sealed IS NOT OLD.sealed
BEGIN SELECT RAISE(ABORT, 'dkim_key.sealed: can only be taken away; make another key'); END;
CREATE TRIGGER dkim_key_state_check BEFORE UPDATE OF state ON dkim_key
WHEN NEW.state <> OLD.state
BEGIN
	SELECT RAISE(ABORT, 'dkim_key.state: goes from pending to active, on to retiring and back, or on to retired')
	WHERE OLD.state || ' ' || NEW.state NOT IN
	      ('pending active', 'active retiring', 'retiring active', 'retiring retired');
	SELECT RAISE(ABORT, 'dkim_key.state: the domain has an active key of this algorithm; make that retiring first')
	WHERE NEW.state = 'active'
	      AND EXISTS (SELECT 1 FROM dkim_key WHERE domain = NEW.domain AND algorithm = NEW.algorithm AND state = 'active');
END;
CREATE TRIGGER domain_name_has_keys BEFORE UPDATE OF name ON domain
WHEN NEW.name <> OLD.name AND EXISTS (SELECT 1 FROM dkim_key WHERE domain = OLD.name)
BEGIN SELECT RAISE(ABORT, 'domain.name: has DKIM keys, which are of that name; delete those first'); END;

-- Upkeep of what is derived, and of the generation.

CREATE TRIGGER dkim_key_after_insert AFTER INSERT ON dkim_key
BEGIN
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = (SELECT tenant_id FROM domain WHERE name = NEW.domain);
END;
CREATE TRIGGER dkim_key_after_update AFTER UPDATE OF state, sealed ON dkim_key
BEGIN
	UPDATE dkim_key SET state_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = NEW.id AND NEW.state <> OLD.state;
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = (SELECT tenant_id FROM domain WHERE name = NEW.domain);
END;
CREATE TRIGGER dkim_key_after_delete AFTER DELETE ON dkim_key
BEGIN
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = (SELECT tenant_id FROM domain WHERE name = OLD.domain);
END;
CREATE TRIGGER domain_after_delete_keys AFTER DELETE ON domain
BEGIN DELETE FROM dkim_key WHERE domain = OLD.name; END;
