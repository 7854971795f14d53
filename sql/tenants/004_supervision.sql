-- SPDX-License-Identifier: BSD-2-Clause
-- Supervision of the egress IPs by easymail-monitor: their states, warm-up, blocklists, and what was seen of them.

-- Table egress_ip anew, with more states; triggers and indexes go with the old one.
DROP TRIGGER egress_group_reference_delete;
CREATE TABLE egress_ip_new (
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
	                -- active: takes mail; warming: takes its day's allowance (warmup_step), then the others of its group;
	                -- limited: some receivers refuse it or its reverse DNS is wrong, takes mail while no other of its
	                -- group is active or warming; listed: blocklists or receivers at large refuse it, takes none;
	                -- draining: takes mail while none of its group is active, warming or limited; down: takes none.
	                -- Queued mail moves to the others of the group.
	                CONSTRAINT egress_ip_state_is_active_warming_limited_listed_draining_or_down
	                CHECK (state IN ('active', 'warming', 'limited', 'listed', 'draining', 'down')),
	state_by        TEXT NOT NULL DEFAULT 'operator'  -- who set it; kept by triggers. The monitor leaves an operator's
	                -- draining and down alone
	                CONSTRAINT egress_ip_state_by_is_operator_or_monitor CHECK (state_by IN ('operator', 'monitor')),
	reason          TEXT NOT NULL DEFAULT ''      -- why it is in that state, for people
	                CONSTRAINT egress_ip_reason_is_at_most_255_octets CHECK (length(CAST(reason AS BLOB)) <= 255),
	state_since     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	warmup_start    TEXT  -- the first day (UTC) of its warm-up; NULL: it is not being warmed up
	                CONSTRAINT egress_ip_warmup_start_is_yyyy_mm_dd CHECK (date(warmup_start) IS warmup_start),
	-- Kept by easymail, leave out when inserting:
	spent           INTEGER NOT NULL DEFAULT 0  -- 1: today's allowance is used up
	                CONSTRAINT egress_ip_spent_is_0_or_1 CHECK (spent IN (0, 1)),
	moves           INTEGER NOT NULL DEFAULT 0  -- how often the monitor has set the state: an UPDATE of state that
	                -- leaves it alone is an operator's
) STRICT;
INSERT INTO egress_ip_new (id, address, helo_name, egress_group_id, weight, state, reason, state_since)
SELECT id, address, helo_name, egress_group_id, weight, state, reason, state_since FROM egress_ip;
DROP TABLE egress_ip;
ALTER TABLE egress_ip_new RENAME TO egress_ip;
CREATE INDEX egress_ip_of_group ON egress_ip (egress_group_id);

CREATE TRIGGER egress_ip_reference_insert BEFORE INSERT ON egress_ip
WHEN NOT EXISTS (SELECT 1 FROM egress_group WHERE id = NEW.egress_group_id)
BEGIN SELECT RAISE(ABORT, 'egress_ip.egress_group_id: no such egress group; insert the group first'); END;
CREATE TRIGGER egress_ip_reference_update BEFORE UPDATE OF egress_group_id ON egress_ip
WHEN NOT EXISTS (SELECT 1 FROM egress_group WHERE id = NEW.egress_group_id)
BEGIN SELECT RAISE(ABORT, 'egress_ip.egress_group_id: no such egress group; insert the group first'); END;
CREATE TRIGGER egress_group_reference_delete BEFORE DELETE ON egress_group
WHEN EXISTS (SELECT 1 FROM egress_ip WHERE egress_group_id = OLD.id) OR EXISTS (SELECT 1 FROM tenant WHERE egress_group_id = OLD.id)
     OR EXISTS (SELECT 1 FROM setting WHERE name IN ('egress.default_group', 'egress.fallback_group') AND value = OLD.name)
BEGIN SELECT RAISE(ABORT, 'egress_group: still has addresses, tenants or a setting that names it; move those first'); END;

CREATE TRIGGER egress_ip_after_insert AFTER INSERT ON egress_ip
BEGIN
	UPDATE egress_ip SET warmup_start = date('now') WHERE id = NEW.id AND NEW.state = 'warming' AND NEW.warmup_start IS NULL;
	UPDATE generation SET value = value + 1, provider = value + 1;
END;
CREATE TRIGGER egress_ip_after_update
AFTER UPDATE OF id, address, helo_name, egress_group_id, weight, state, warmup_start, spent ON egress_ip
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER egress_ip_after_delete AFTER DELETE ON egress_ip
BEGIN
	DELETE FROM egress_evidence WHERE address = OLD.address;
	UPDATE generation SET value = value + 1, provider = value + 1;
END;
-- An operator's word: active ends a warm-up, warming begins one or goes on with it.
CREATE TRIGGER egress_ip_after_state AFTER UPDATE OF state ON egress_ip
WHEN NEW.moves = OLD.moves
BEGIN
	UPDATE egress_ip
	SET state_by = 'operator', spent = 0,
	    state_since = iif(NEW.state = OLD.state OR NEW.state_since <> OLD.state_since, state_since,
	                      strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
	    warmup_start = CASE NEW.state WHEN 'active' THEN NULL WHEN 'warming' THEN ifnull(warmup_start, date('now'))
	                   ELSE warmup_start END
	WHERE id = NEW.id;
END;
CREATE TRIGGER egress_ip_after_readdress AFTER UPDATE OF address ON egress_ip WHEN NEW.address <> OLD.address
BEGIN DELETE FROM egress_evidence WHERE address = OLD.address; END;

-- How many messages a warming IP may deliver on each day of its warm-up, until the day after the last one, when it is
-- active. The monitor counts what was delivered. A script may replace the schedule as a whole.
CREATE TABLE warmup_step (
	day       INTEGER PRIMARY KEY  -- counted from 1; a day that is not here has the allowance of the one before
	          CONSTRAINT warmup_step_day_is_1_to_365 CHECK (day BETWEEN 1 AND 365),
	allowance INTEGER NOT NULL
	          CONSTRAINT warmup_step_allowance_is_not_negative CHECK (allowance >= 0)
) STRICT;
INSERT INTO warmup_step VALUES
	(1, 50), (2, 100), (3, 200), (4, 400), (5, 800), (6, 1500), (8, 3000), (10, 6000), (13, 12000), (16, 25000),
	(20, 50000), (25, 100000), (30, 200000);

-- What easymail-monitor has seen that is not well, one row for each thing that it watches of an address. A restart
-- goes on from here. Changes here are no changes of policy.
CREATE TABLE egress_evidence (
	address TEXT NOT NULL,  -- egress_ip.address
	kind    TEXT NOT NULL
	        CONSTRAINT egress_evidence_kind_is_interface_connect_reverse_blocklist_or_refusal
	        CHECK (kind IN ('interface', 'connect', 'reverse', 'blocklist', 'refusal')),
	subject TEXT NOT NULL,     -- blocklist: its zone; refusal: the receiving domain, * for all together; else ''
	history INTEGER NOT NULL,  -- the last definite looks as bits, the newest the lowest; 1: not well
	looks   INTEGER NOT NULL,  -- how many of the bits count, at most 32
	bad     INTEGER NOT NULL  -- 1: that holds, and counts until enough looks in a row were well
	        CONSTRAINT egress_evidence_bad_is_0_or_1 CHECK (bad IN (0, 1)),
	detail  TEXT NOT NULL,     -- what was seen when it last was not well
	since   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),  -- when `bad` became what it is
	PRIMARY KEY (address, kind, subject)
) STRICT, WITHOUT ROWID;

-- DNS blocklists (RFC 5782) that the egress IPs are looked up in.
CREATE TABLE blocklist (
	zone     TEXT PRIMARY KEY
	         CONSTRAINT blocklist_zone_is_a_lower_case_domain
	         CHECK (zone GLOB '[a-z0-9_]*.*[a-z0-9]' AND zone NOT GLOB '*[^a-z0-9._-]*' AND zone NOT GLOB '*..*'
	                AND length(zone) <= 180),
	enabled  INTEGER NOT NULL DEFAULT 1  -- 0: not asked; the default of lists whose terms want an agreement first
	         CONSTRAINT blocklist_enabled_is_0_or_1 CHECK (enabled IN (0, 1)),
	ipv4     INTEGER NOT NULL DEFAULT 1  -- whether it lists IPv4 addresses
	         CONSTRAINT blocklist_ipv4_is_0_or_1 CHECK (ipv4 IN (0, 1)),
	ipv6     INTEGER NOT NULL DEFAULT 0
	         CONSTRAINT blocklist_ipv6_is_0_or_1 CHECK (ipv6 IN (0, 1)),
	weight   INTEGER NOT NULL DEFAULT 100  -- an address is listed when those that list it weigh 100 together; 0: only seen
	         CONSTRAINT blocklist_weight_is_0_to_100 CHECK (weight BETWEEN 0 AND 100),
	resolver TEXT NOT NULL DEFAULT '',  -- DNS servers to ask it through, as in the option dns.servers; '': those
	terms    TEXT NOT NULL DEFAULT '',  -- under which its publisher lets it be used, for people; checked before it is enabled
	-- Kept by easymail-monitor: what its test points (RFC 5782 section 5) said.
	health   TEXT NOT NULL DEFAULT 'unknown'
	         CONSTRAINT blocklist_health_is_unknown_good_or_bad CHECK (health IN ('unknown', 'good', 'bad')),
	health_detail TEXT NOT NULL DEFAULT '',
	health_since  TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;

-- What a list's return codes mean. One that is not here is no listing, unless the list has no codes here at all: then each
-- of 127.0.0.0/16 is. Codes of 127.255.255.0/24 are errors of every list, and none outside 127.0.0.0/8 counts.
CREATE TABLE blocklist_code (
	zone    TEXT NOT NULL REFERENCES blocklist (zone),
	code    TEXT NOT NULL  -- an address, or a CIDR block of them
	        CONSTRAINT blocklist_code_code_is_an_address_or_cidr_of_127
	        CHECK (code GLOB '127.[0-9]*.[0-9]*.[0-9]*' AND code NOT GLOB '*[^0-9./]*'),
	listing INTEGER NOT NULL DEFAULT 1  -- 1: the address is listed; 0: it says something else, which is left alone
	        CONSTRAINT blocklist_code_listing_is_0_or_1 CHECK (listing IN (0, 1)),
	meaning TEXT NOT NULL,
	PRIMARY KEY (zone, code)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER blocklist_code_reference BEFORE INSERT ON blocklist_code
WHEN NOT EXISTS (SELECT 1 FROM blocklist WHERE zone = NEW.zone)
BEGIN SELECT RAISE(ABORT, 'blocklist_code.zone: no such blocklist; insert the list first'); END;
CREATE TRIGGER blocklist_before_delete BEFORE DELETE ON blocklist
BEGIN
	DELETE FROM blocklist_code WHERE zone = OLD.zone;
	DELETE FROM egress_evidence WHERE kind = 'blocklist' AND subject = OLD.zone;
END;
CREATE TRIGGER blocklist_after_disable AFTER UPDATE OF enabled ON blocklist WHEN NEW.enabled = 0
BEGIN DELETE FROM egress_evidence WHERE kind = 'blocklist' AND subject = NEW.zone; END;

-- The defaults. Terms change: read them at the publisher's before you enable a list.
INSERT INTO blocklist (zone, enabled, ipv6, weight, terms) VALUES
	('zen.spamhaus.org', 0, 1, 100, 'Spamhaus: the public zone is free for low-volume non-commercial use, not through public resolvers; a provider needs an agreement and its own zone at dq.spamhaus.net (add that one with --like zen.spamhaus.org)'),
	('b.barracudacentral.org', 0, 0, 100, 'Barracuda: free of charge, after the address of the asking resolver is registered with them'),
	('bl.mailspike.net', 0, 0, 60, 'Mailspike: free within a daily number of questions, above that and for commercial use by agreement'),
	('dnsbl.spfbl.net', 0, 1, 30, 'SPFBL: free at a limited rate of questions, more by contribution'),
	('bl.spamcop.net', 1, 0, 100, 'SpamCop: free to use by anybody; listings end by themselves about a day after the last report'),
	('psbl.surriel.com', 1, 0, 60, 'Passive Spam Block List: free to use by anybody; anybody may remove an address'),
	('dnsbl.dronebl.org', 1, 1, 60, 'DroneBL: free to use by anybody'),
	('dnsbl-1.uceprotect.net', 1, 0, 40, 'UCEPROTECT level 1: free within its fair-use limit; listings end by themselves after seven days'),
	('all.s5h.net', 1, 0, 40, 'S5H: free to use by anybody'),
	('truncate.gbudb.net', 1, 0, 60, 'GBUdb Truncate: free to use by anybody, moderate numbers of questions');
INSERT INTO blocklist_code (zone, code, meaning) VALUES
	('zen.spamhaus.org', '127.0.0.2', 'SBL: source of spam'),
	('zen.spamhaus.org', '127.0.0.3', 'SBL CSS: source of spam, found automatically'),
	('zen.spamhaus.org', '127.0.0.4/30', 'XBL: compromised host or proxy'),
	('zen.spamhaus.org', '127.0.0.9', 'SBL DROP: network in the hands of criminals'),
	('zen.spamhaus.org', '127.0.0.10', 'PBL: its network''s owner says that it should not send mail'),
	('zen.spamhaus.org', '127.0.0.11', 'PBL: should not send mail, says Spamhaus'),
	('b.barracudacentral.org', '127.0.0.2', 'bad reputation'),
	('bl.mailspike.net', '127.0.0.2', 'listed'),
	('bl.mailspike.net', '127.0.0.10', 'reputation of the worst kind'),
	('bl.mailspike.net', '127.0.0.11', 'very bad reputation'),
	('bl.mailspike.net', '127.0.0.12', 'bad reputation'),
	('dnsbl.spfbl.net', '127.0.0.2', 'bad reputation'),
	('bl.spamcop.net', '127.0.0.2', 'reported as source of spam'),
	('psbl.surriel.com', '127.0.0.2', 'sent to spam traps'),
	('dnsbl.dronebl.org', '127.0.0.2', 'sample data for tests'),
	('dnsbl.dronebl.org', '127.0.0.3', 'drone seen on IRC'),
	('dnsbl.dronebl.org', '127.0.0.5', 'bottler'),
	('dnsbl.dronebl.org', '127.0.0.6', 'worm or spam bot'),
	('dnsbl.dronebl.org', '127.0.0.7', 'drone of denial-of-service attacks'),
	('dnsbl.dronebl.org', '127.0.0.8', 'open SOCKS proxy'),
	('dnsbl.dronebl.org', '127.0.0.9', 'open HTTP proxy'),
	('dnsbl.dronebl.org', '127.0.0.10', 'chain of proxies'),
	('dnsbl.dronebl.org', '127.0.0.11', 'web page proxy'),
	('dnsbl.dronebl.org', '127.0.0.13', 'attacks by guessing passwords'),
	('dnsbl.dronebl.org', '127.0.0.14', 'open Wingate proxy'),
	('dnsbl.dronebl.org', '127.0.0.15', 'compromised router or gateway'),
	('dnsbl.dronebl.org', '127.0.0.16', 'worm that roots hosts by itself'),
	('dnsbl.dronebl.org', '127.0.0.17', 'botnet'),
	('dnsbl.dronebl.org', '127.0.0.255', 'threat of another kind'),
	('dnsbl-1.uceprotect.net', '127.0.0.2', 'sent to spam traps or attacked'),
	('all.s5h.net', '127.0.0.2', 'source of spam'),
	('truncate.gbudb.net', '127.0.0.2', 'almost nothing but spam comes from it');
INSERT INTO blocklist_code (zone, code, listing, meaning) VALUES
	('dnsbl.dronebl.org', '127.0.0.12', 0, 'open DNS resolver'),
	('dnsbl.dronebl.org', '127.0.0.18', 0, 'host name of a DNS or mail server'),
	('dnsbl.dronebl.org', '127.0.0.19', 0, 'service that hides its users'),
	('dnsbl.spfbl.net', '127.0.0.3', 0, 'its host name does not resolve'),
	('dnsbl.spfbl.net', '127.0.0.4', 0, 'residential connection or dynamic address'),
	('dnsbl.spfbl.net', '127.0.0.5', 0, 'reverse DNS without a right forward name');

-- What the monitor works by is policy too.
CREATE TRIGGER blocklist_after_insert AFTER INSERT ON blocklist
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER blocklist_after_update AFTER UPDATE OF zone, enabled, ipv4, ipv6, weight, resolver ON blocklist
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER blocklist_after_delete AFTER DELETE ON blocklist
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER blocklist_code_after_insert AFTER INSERT ON blocklist_code
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER blocklist_code_after_update AFTER UPDATE ON blocklist_code
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER blocklist_code_after_delete AFTER DELETE ON blocklist_code
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER warmup_step_after_insert AFTER INSERT ON warmup_step
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER warmup_step_after_update AFTER UPDATE ON warmup_step
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;
CREATE TRIGGER warmup_step_after_delete AFTER DELETE ON warmup_step
BEGIN UPDATE generation SET value = value + 1, provider = value + 1; END;

-- What the periodic check of the tenants' domains found; written by easymail-monitor, read by `easymailctl domain findings`.
CREATE TABLE domain_finding (
	domain  TEXT PRIMARY KEY,  -- domain.name
	spf     TEXT NOT NULL CHECK (spf IN ('good', 'missing', 'wrong', 'unknown')),
	dkim    TEXT NOT NULL CHECK (dkim IN ('good', 'missing', 'wrong', 'unknown')),
	dmarc   TEXT NOT NULL CHECK (dmarc IN ('good', 'missing', 'wrong', 'unknown')),
	detail  TEXT NOT NULL,     -- what is not well, in words
	since   TEXT NOT NULL,     -- when one of the three last changed
	checked TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX domain_finding_by_time ON domain_finding (checked);
CREATE TRIGGER domain_after_delete_finding AFTER DELETE ON domain
BEGIN DELETE FROM domain_finding WHERE domain = OLD.name; END;
