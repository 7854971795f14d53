-- SPDX-License-Identifier: BSD-2-Clause
-- tenants.db: who may send, as what, from where, and out through which address.
--
-- Provisioning scripts write here with plain SQL; a row counts within a second. So every rule that
-- SQL can see is in this file, also the references between tables (PRAGMA foreign_keys is off in a
-- plain client), and what it cannot see (is this a CIDR?) is checked by whoever reads the row: a row
-- that is wrong never widens what is allowed and is named by `easymailctl db check`.
--
-- Texts are compared byte for byte; names and domains are stored in lower case.
-- Times are UTC, 'YYYY-MM-DDThh:mm:ssZ'.

-- One row. Every change of policy raises `value`; decisions record it.
CREATE TABLE generation (
	one      INTEGER PRIMARY KEY CHECK (one = 1),
	value    INTEGER NOT NULL,  -- number of changes since the database was made
	provider INTEGER NOT NULL   -- `value` at the last change that concerns every tenant: provider settings, egress
) STRICT;
INSERT INTO generation VALUES (1, 1, 1);

-- Egress IPs that stand in for one another.
CREATE TABLE egress_group (
	id   INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE  -- in commands, logs and the names of Postfix transports: letters, digits, hyphens
	     CONSTRAINT egress_group_name_is_1_to_40_of_a_z_0_9_hyphen
	     CHECK (name GLOB '[a-z0-9]*' AND name NOT GLOB '*[^a-z0-9-]*' AND length(name) <= 40)
) STRICT;

-- An address of this host that mail leaves from; one Postfix transport each.
CREATE TABLE egress_ip (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	address         TEXT NOT NULL UNIQUE  -- canonical spelling of one IPv4 or IPv6 address, without prefix length
	                CONSTRAINT egress_ip_address_is_lower_case_without_prefix_length
	                CHECK (address NOT GLOB '*[^0-9a-f.:]*' AND length(address) BETWEEN 3 AND 45),
	helo_name       TEXT NOT NULL         -- what it says in EHLO; its reverse DNS should be the same
	                CONSTRAINT egress_ip_helo_name_is_a_lower_case_host_name
	                CHECK (helo_name GLOB '[a-z0-9]*.*[a-z0-9]' AND helo_name NOT GLOB '*[^a-z0-9.-]*'
	                       AND helo_name NOT GLOB '*..*' AND length(helo_name) <= 253),
	egress_group_id INTEGER NOT NULL REFERENCES egress_group (id),
	weight          INTEGER NOT NULL DEFAULT 100  -- share of the group's senders, against the others' weights
	                CONSTRAINT egress_ip_weight_is_1_to_1000 CHECK (weight BETWEEN 1 AND 1000),
	state           TEXT NOT NULL DEFAULT 'active'
	                -- active: takes mail; draining: takes no new senders while another of its group is active;
	                -- down: takes none, queued mail moves to the others
	                CONSTRAINT egress_ip_state_is_active_draining_or_down
	                CHECK (state IN ('active', 'draining', 'down')),
	reason          TEXT NOT NULL DEFAULT ''      -- why it is in that state, for people
	                CONSTRAINT egress_ip_reason_is_at_most_255_octets CHECK (length(CAST(reason AS BLOB)) <= 255),
	state_since     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE INDEX egress_ip_of_group ON egress_ip (egress_group_id);

-- A customer.
CREATE TABLE tenant (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	name            TEXT NOT NULL UNIQUE  -- the handle in commands and logs
	                CONSTRAINT tenant_name_is_1_to_63_of_a_z_0_9_hyphen
	                CHECK (name GLOB '[a-z0-9]*' AND name NOT GLOB '*[^a-z0-9-]*' AND length(name) <= 63),
	title           TEXT NOT NULL DEFAULT ''  -- the company's name, for people
	                CONSTRAINT tenant_title_is_at_most_255_octets CHECK (length(CAST(title AS BLOB)) <= 255),
	state           TEXT NOT NULL DEFAULT 'pending'
	                -- pending: not yet, 550; active: may send; suspended: 451, its server keeps the mail;
	                -- closing: may send until its notice ends; closed: 550
	                CONSTRAINT tenant_state_is_pending_active_suspended_closing_or_closed
	                CHECK (state IN ('pending', 'active', 'suspended', 'closing', 'closed')),
	egress_group_id INTEGER REFERENCES egress_group (id),  -- NULL: the setting egress.default_group
	generation      INTEGER NOT NULL DEFAULT 0,  -- generation.value at the last change of this tenant; kept by triggers
	created         TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- A sender domain of one tenant.
CREATE TABLE domain (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	tenant_id  INTEGER NOT NULL REFERENCES tenant (id),
	name       TEXT NOT NULL UNIQUE  -- lower-case A-label, no final dot
	           CONSTRAINT domain_name_is_a_lower_case_a_label_domain
	           CHECK (name GLOB '[a-z0-9_]*.*[a-z0-9]' AND name NOT GLOB '*[^a-z0-9._-]*' AND name NOT GLOB '*..*'
	                  AND name NOT GLOB '*.-*' AND name NOT GLOB '*-.*' AND length(name) <= 253),
	subdomains INTEGER NOT NULL DEFAULT 0  -- 1: every name below it is the tenant's too
	           CONSTRAINT domain_subdomains_is_0_or_1 CHECK (subdomains IN (0, 1)),
	created    TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE INDEX domain_of_tenant ON domain (tenant_id);

-- The names above each domain, so that an overlap of two tenants is one look-up in either
-- direction. Kept by triggers.
CREATE TABLE domain_ancestor (
	ancestor  TEXT NOT NULL,
	domain_id INTEGER NOT NULL REFERENCES domain (id),
	PRIMARY KEY (ancestor, domain_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX domain_ancestor_of ON domain_ancestor (domain_id);

-- 1 … 253: the places where a dot can be.
CREATE TABLE position (n INTEGER PRIMARY KEY) STRICT;
WITH RECURSIVE count (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM count WHERE n < 253)
INSERT INTO position SELECT n FROM count;

-- An address or CIDR block of a tenant's server that may hand mail in.
CREATE TABLE relay_host (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,
	tenant_id INTEGER NOT NULL REFERENCES tenant (id),
	network   TEXT NOT NULL  -- an address, or address/prefix length with no bit set after the prefix
	          CONSTRAINT relay_host_network_is_an_address_or_cidr_in_lower_case
	          CHECK (network NOT GLOB '*[^0-9a-f.:/]*' AND length(network) BETWEEN 2 AND 49),
	shared    INTEGER NOT NULL DEFAULT 0  -- 1: other tenants may use it too, when their rows say 1 as well
	          CONSTRAINT relay_host_shared_is_0_or_1 CHECK (shared IN (0, 1)),
	created   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	-- Kept by easymail, leave out when inserting:
	lo        BLOB CHECK (length(lo) = 16),  -- first address, IPv4 mapped; NULL: not in relay_block, pending or with a fault
	prefix    INTEGER CHECK (prefix BETWEEN 0 AND 128),  -- prefix length of the 16-byte form
	fault     TEXT,  -- why this row does not count; NULL: it does
	UNIQUE (network, tenant_id)
) STRICT;
CREATE INDEX relay_host_of_tenant ON relay_host (tenant_id);
CREATE INDEX relay_host_of_network ON relay_host (network, shared, tenant_id);
CREATE INDEX relay_host_of_block ON relay_host (lo, prefix, shared, tenant_id) WHERE lo IS NOT NULL;
CREATE INDEX relay_host_pending ON relay_host (id) WHERE lo IS NULL AND fault IS NULL;
CREATE INDEX relay_host_faulty ON relay_host (id) WHERE fault IS NOT NULL;

-- The different blocks among the relay hosts, as a tree. Blocks nest or are apart, so those that
-- cover an address are, from the one with the greatest (lo, prefix) that is not above the address on, among
-- it and its parents. Kept by easymail (insertion) and by triggers (deletion). What counts is relay_host: a
-- block without a host there permits nothing.
CREATE TABLE relay_block (
	lo     BLOB NOT NULL CHECK (length(lo) = 16),
	prefix INTEGER NOT NULL CHECK (prefix BETWEEN 0 AND 128),
	hi     BLOB NOT NULL CHECK (length(hi) = 16),
	parent INTEGER CHECK (parent < prefix),  -- prefix length of the smallest block around it; NULL: none
	PRIMARY KEY (lo, prefix)
) STRICT, WITHOUT ROWID;

-- Settings: what is not here has the default that `easymailctl setting list` shows.
CREATE TABLE setting (
	tenant_id INTEGER NOT NULL DEFAULT 0,  -- 0: the provider's, for every tenant without its own
	name      TEXT NOT NULL
	          CONSTRAINT setting_name_is_words_with_dots
	          CHECK (name GLOB '[a-z]*.*[a-z0-9]' AND name NOT GLOB '*[^a-z0-9._]*'),
	value     TEXT NOT NULL,
	PRIMARY KEY (tenant_id, name)
) STRICT, WITHOUT ROWID;

-- References, checked whatever PRAGMA foreign_keys says.

CREATE TRIGGER tenant_reference_insert BEFORE INSERT ON tenant
WHEN NEW.egress_group_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM egress_group WHERE id = NEW.egress_group_id)
BEGIN SELECT RAISE(ABORT, 'tenant.egress_group_id: no such egress group; insert the group first'); END;
CREATE TRIGGER tenant_reference_update BEFORE UPDATE OF egress_group_id ON tenant
WHEN NEW.egress_group_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM egress_group WHERE id = NEW.egress_group_id)
BEGIN SELECT RAISE(ABORT, 'tenant.egress_group_id: no such egress group; insert the group first'); END;
CREATE TRIGGER tenant_reference_delete BEFORE DELETE ON tenant
WHEN EXISTS (SELECT 1 FROM domain WHERE tenant_id = OLD.id) OR EXISTS (SELECT 1 FROM relay_host WHERE tenant_id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'tenant: still has domains or relay hosts; delete those first'); END;
CREATE TRIGGER tenant_id_fixed BEFORE UPDATE OF id ON tenant
BEGIN SELECT RAISE(ABORT, 'tenant.id: cannot be changed'); END;

CREATE TRIGGER egress_ip_reference_insert BEFORE INSERT ON egress_ip
WHEN NOT EXISTS (SELECT 1 FROM egress_group WHERE id = NEW.egress_group_id)
BEGIN SELECT RAISE(ABORT, 'egress_ip.egress_group_id: no such egress group; insert the group first'); END;
CREATE TRIGGER egress_ip_reference_update BEFORE UPDATE OF egress_group_id ON egress_ip
WHEN NOT EXISTS (SELECT 1 FROM egress_group WHERE id = NEW.egress_group_id)
BEGIN SELECT RAISE(ABORT, 'egress_ip.egress_group_id: no such egress group; insert the group first'); END;
CREATE TRIGGER egress_group_reference_delete BEFORE DELETE ON egress_group
WHEN EXISTS (SELECT 1 FROM egress_ip WHERE egress_group_id = OLD.id) OR EXISTS (SELECT 1 FROM tenant WHERE egress_group_id = OLD.id)
     OR EXISTS (SELECT 1 FROM setting WHERE name = 'egress.default_group' AND value = OLD.name)
BEGIN SELECT RAISE(ABORT, 'egress_group: still has addresses, tenants or a setting that names it; move those first'); END;

CREATE TRIGGER setting_reference_insert BEFORE INSERT ON setting
WHEN NEW.tenant_id <> 0 AND NOT EXISTS (SELECT 1 FROM tenant WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'setting.tenant_id: no such tenant; 0 is the provider'); END;

-- A domain belongs to one tenant: no tenant's domain lies below another's that covers its subdomains.

CREATE TRIGGER domain_check_insert BEFORE INSERT ON domain
BEGIN
	SELECT RAISE(ABORT, 'domain.tenant_id: no such tenant; insert the tenant first')
	WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE id = NEW.tenant_id);
	-- Not left to UNIQUE: INSERT OR REPLACE would take the row from its owner without a trigger.
	SELECT RAISE(ABORT, 'domain.name: belongs to another tenant; delete it there first')
	WHERE EXISTS (SELECT 1 FROM domain WHERE (name = NEW.name OR id = NEW.id) AND tenant_id <> NEW.tenant_id);
	SELECT RAISE(ABORT, 'domain.name: lies below a domain of another tenant that covers its subdomains')
	WHERE EXISTS (SELECT 1 FROM position p JOIN domain d ON d.name = substr(NEW.name, p.n + 1)
	              WHERE p.n < length(NEW.name) AND substr(NEW.name, p.n, 1) = '.' AND d.subdomains = 1 AND d.tenant_id <> NEW.tenant_id);
	SELECT RAISE(ABORT, 'domain.subdomains: another tenant has a domain below this one')
	WHERE NEW.subdomains = 1
	      AND EXISTS (SELECT 1 FROM domain_ancestor a JOIN domain d ON d.id = a.domain_id
	                  WHERE a.ancestor = NEW.name AND d.tenant_id <> NEW.tenant_id);
END;
CREATE TRIGGER domain_check_update BEFORE UPDATE OF tenant_id, name, subdomains ON domain
BEGIN
	SELECT RAISE(ABORT, 'domain.tenant_id: no such tenant; insert the tenant first')
	WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE id = NEW.tenant_id);
	-- Not left to UNIQUE: INSERT OR REPLACE would take the row from its owner without a trigger.
	SELECT RAISE(ABORT, 'domain.name: belongs to another tenant; delete it there first')
	WHERE EXISTS (SELECT 1 FROM domain WHERE (name = NEW.name OR id = NEW.id) AND tenant_id <> NEW.tenant_id AND id <> OLD.id);
	SELECT RAISE(ABORT, 'domain.name: lies below a domain of another tenant that covers its subdomains')
	WHERE EXISTS (SELECT 1 FROM position p JOIN domain d ON d.name = substr(NEW.name, p.n + 1)
	              WHERE p.n < length(NEW.name) AND substr(NEW.name, p.n, 1) = '.' AND d.subdomains = 1 AND d.tenant_id <> NEW.tenant_id);
	SELECT RAISE(ABORT, 'domain.subdomains: another tenant has a domain below this one')
	WHERE NEW.subdomains = 1
	      AND EXISTS (SELECT 1 FROM domain_ancestor a JOIN domain d ON d.id = a.domain_id
	                  WHERE a.ancestor = NEW.name AND d.tenant_id <> NEW.tenant_id);
END;

-- What two tenants' rows for the very same network must say; overlaps of different networks are
-- found when easymail puts the row into relay_block, and set `fault`.

CREATE TRIGGER relay_host_check_insert BEFORE INSERT ON relay_host
BEGIN
	SELECT RAISE(ABORT, 'relay_host.tenant_id: no such tenant; insert the tenant first')
	WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE id = NEW.tenant_id);
	SELECT RAISE(ABORT, 'relay_host.network: another tenant has it; both rows must say shared = 1')
	WHERE EXISTS (SELECT 1 FROM relay_host WHERE network = NEW.network AND shared IN (0, 1 - NEW.shared) AND tenant_id <> NEW.tenant_id);
END;
CREATE TRIGGER relay_host_check_update BEFORE UPDATE OF tenant_id, network, shared ON relay_host
BEGIN
	SELECT RAISE(ABORT, 'relay_host.tenant_id: no such tenant; insert the tenant first')
	WHERE NOT EXISTS (SELECT 1 FROM tenant WHERE id = NEW.tenant_id);
	SELECT RAISE(ABORT, 'relay_host.network: another tenant has it; both rows must say shared = 1')
	WHERE EXISTS (SELECT 1 FROM relay_host WHERE network = NEW.network AND shared IN (0, 1 - NEW.shared) AND tenant_id <> NEW.tenant_id AND id <> OLD.id);
END;

-- Upkeep of what is derived, and of the generation.

CREATE TRIGGER domain_after_insert AFTER INSERT ON domain
BEGIN
	DELETE FROM domain_ancestor WHERE domain_id = NEW.id;
	INSERT INTO domain_ancestor SELECT substr(NEW.name, n + 1), NEW.id FROM position
	WHERE n < length(NEW.name) AND substr(NEW.name, n, 1) = '.';
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = NEW.tenant_id;
END;
CREATE TRIGGER domain_after_update AFTER UPDATE ON domain
BEGIN
	DELETE FROM domain_ancestor WHERE domain_id IN (OLD.id, NEW.id);
	INSERT INTO domain_ancestor SELECT substr(NEW.name, n + 1), NEW.id FROM position
	WHERE n < length(NEW.name) AND substr(NEW.name, n, 1) = '.';
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id IN (OLD.tenant_id, NEW.tenant_id);
END;
CREATE TRIGGER domain_after_delete AFTER DELETE ON domain
BEGIN
	DELETE FROM domain_ancestor WHERE domain_id = OLD.id;
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = OLD.tenant_id;
END;

CREATE TRIGGER relay_host_after_insert AFTER INSERT ON relay_host
BEGIN
	UPDATE relay_host SET lo = NULL, prefix = NULL, fault = NULL WHERE id = NEW.id;
	UPDATE generation SET value = value + 1;
END;
-- Another network or owner is a new claim: the row waits for its turn, and so do those that it kept out.
CREATE TRIGGER relay_host_after_update AFTER UPDATE OF id, tenant_id, network ON relay_host
BEGIN
	UPDATE relay_host SET lo = NULL, prefix = NULL, fault = NULL WHERE id = NEW.id;
	UPDATE relay_host SET fault = NULL WHERE fault IS NOT NULL;
	UPDATE relay_block
	SET parent = (SELECT parent FROM relay_block WHERE lo = OLD.lo AND prefix = OLD.prefix)
	WHERE lo BETWEEN OLD.lo AND (SELECT hi FROM relay_block WHERE lo = OLD.lo AND prefix = OLD.prefix)
	      AND parent = OLD.prefix
	      AND NOT EXISTS (SELECT 1 FROM relay_host WHERE lo = OLD.lo AND prefix = OLD.prefix);
	DELETE FROM relay_block
	WHERE lo = OLD.lo AND prefix = OLD.prefix
	      AND NOT EXISTS (SELECT 1 FROM relay_host WHERE lo = OLD.lo AND prefix = OLD.prefix);
	UPDATE generation SET value = value + 1;
END;
-- Shared from now on: the row stays where it is, and those that it kept out get another chance.
CREATE TRIGGER relay_host_after_share AFTER UPDATE OF shared ON relay_host WHEN NEW.shared > OLD.shared
BEGIN
	UPDATE relay_host SET fault = NULL WHERE fault IS NOT NULL;
	UPDATE generation SET value = value + 1;
END;
-- No longer shared: whether it may be alone there is asked anew; nobody else gains by it.
CREATE TRIGGER relay_host_after_unshare AFTER UPDATE OF shared ON relay_host WHEN NEW.shared < OLD.shared
BEGIN
	UPDATE relay_host SET lo = NULL, prefix = NULL, fault = NULL WHERE id = NEW.id;
	UPDATE relay_block
	SET parent = (SELECT parent FROM relay_block WHERE lo = OLD.lo AND prefix = OLD.prefix)
	WHERE lo BETWEEN OLD.lo AND (SELECT hi FROM relay_block WHERE lo = OLD.lo AND prefix = OLD.prefix)
	      AND parent = OLD.prefix
	      AND NOT EXISTS (SELECT 1 FROM relay_host WHERE lo = OLD.lo AND prefix = OLD.prefix);
	DELETE FROM relay_block
	WHERE lo = OLD.lo AND prefix = OLD.prefix
	      AND NOT EXISTS (SELECT 1 FROM relay_host WHERE lo = OLD.lo AND prefix = OLD.prefix);
	UPDATE generation SET value = value + 1;
END;
CREATE TRIGGER relay_host_after_delete AFTER DELETE ON relay_host
BEGIN
	UPDATE relay_host SET fault = NULL WHERE fault IS NOT NULL;
	UPDATE relay_block
	SET parent = (SELECT parent FROM relay_block WHERE lo = OLD.lo AND prefix = OLD.prefix)
	WHERE lo BETWEEN OLD.lo AND (SELECT hi FROM relay_block WHERE lo = OLD.lo AND prefix = OLD.prefix)
	      AND parent = OLD.prefix
	      AND NOT EXISTS (SELECT 1 FROM relay_host WHERE lo = OLD.lo AND prefix = OLD.prefix);
	DELETE FROM relay_block
	WHERE lo = OLD.lo AND prefix = OLD.prefix
	      AND NOT EXISTS (SELECT 1 FROM relay_host WHERE lo = OLD.lo AND prefix = OLD.prefix);
	UPDATE generation SET value = value + 1;
END;

CREATE TRIGGER tenant_after_insert AFTER INSERT ON tenant
BEGIN
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = NEW.id;
END;
CREATE TRIGGER tenant_after_update AFTER UPDATE OF name, title, state, egress_group_id ON tenant
BEGIN
	UPDATE generation SET value = value + 1;
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = NEW.id;
END;
CREATE TRIGGER tenant_after_delete AFTER DELETE ON tenant
BEGIN
	DELETE FROM setting WHERE tenant_id = OLD.id;
	UPDATE generation SET value = value + 1;
END;

CREATE TRIGGER setting_after_insert AFTER INSERT ON setting
BEGIN
	UPDATE generation SET value = value + 1, provider = iif(NEW.tenant_id = 0, value + 1, provider);
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = NEW.tenant_id;
END;
CREATE TRIGGER setting_after_update AFTER UPDATE ON setting
BEGIN
	UPDATE generation SET value = value + 1, provider = iif(0 IN (OLD.tenant_id, NEW.tenant_id), value + 1, provider);
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id IN (OLD.tenant_id, NEW.tenant_id);
END;
CREATE TRIGGER setting_after_delete AFTER DELETE ON setting
BEGIN
	UPDATE generation SET value = value + 1, provider = iif(OLD.tenant_id = 0, value + 1, provider);
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = OLD.tenant_id;
END;

CREATE TRIGGER egress_ip_after_insert AFTER INSERT ON egress_ip
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER egress_ip_after_update AFTER UPDATE ON egress_ip
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER egress_ip_after_delete AFTER DELETE ON egress_ip
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER egress_group_after_insert AFTER INSERT ON egress_group
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER egress_group_after_update AFTER UPDATE ON egress_group
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER egress_group_after_delete AFTER DELETE ON egress_group
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
