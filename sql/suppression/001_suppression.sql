-- SPDX-License-Identifier: BSD-2-Clause
-- suppression.db: addresses that a tenant's mail does not go to any more, and the bounces that say so. Written often
-- and large, so it is apart from tenants.db and changes no generation.
--
-- An address is found by `hash`: the first 16 octets of HMAC-SHA-256 of its normalized spelling, under a key derived
-- from the key file. What people may read of it is in `sealed`, AES-256-GCM under another key derived from that file
-- with `hash` as context. So neither the database nor the key file tells of anybody alone, one DELETE per table by
-- `hash` erases a person, and a row whose `sealed` is NULL keeps suppressing without telling whom.
--
-- Times are seconds since 1970, UTC. tenant_id is tenant.id of tenants.db, which is never used again.

-- One row: which key file the hashes were made with. With another one nothing would be found, so it is refused.
CREATE TABLE key_file (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	id  TEXT NOT NULL  -- 16 hexadecimal digits, of the key's digest
) STRICT;

CREATE TABLE suppression (
	hash      BLOB NOT NULL CHECK (length(hash) = 16),
	tenant_id INTEGER NOT NULL,
	reason    TEXT NOT NULL  -- hard: a bounce said that the address will never take mail; soft: it took none too often;
	          -- complaint: its owner called the mail unwanted; manual: somebody put it here
	          CHECK (reason IN ('hard', 'soft', 'complaint', 'manual')),
	created   INTEGER NOT NULL,
	sealed    BLOB,  -- the address, a line feed, and what was said of it; NULL: erased
	UNIQUE (hash, tenant_id)  -- an index apart from the rows: that an address is not here, the usual answer, needs no more
) STRICT;
CREATE INDEX suppression_of_tenant ON suppression (tenant_id, created);

-- What came back for one message and one of its recipients. The key is what makes a bounce count once.
CREATE TABLE bounce (
	hash      BLOB NOT NULL CHECK (length(hash) = 16),
	tenant_id INTEGER NOT NULL,
	token     TEXT NOT NULL,  -- of the return path: names the message
	class     TEXT NOT NULL   -- policy: refused for what the mail or its source is; other: counts no more
	          CHECK (class IN ('hard', 'soft', 'policy', 'complaint', 'other')),
	received  INTEGER NOT NULL,
	sealed    BLOB,  -- the address, a line feed, and what the bounce said
	PRIMARY KEY (hash, tenant_id, token)
) STRICT, WITHOUT ROWID;
CREATE INDEX bounce_received ON bounce (received);
CREATE INDEX bounce_of_tenant ON bounce (tenant_id, received);
