-- SPDX-License-Identifier: BSD-2-Clause
-- Rules on what mail may carry. The language of `condition` and `action` is in easymail.conf(5); SQL cannot read it, so
-- a row that is wrong is named by `easymailctl db check`, and its tenant's mail (the provider's: all mail) is
-- answered 451 until it is mended, disabled or deleted. `easymailctl rule add` refuses it beforehand.

CREATE TABLE content_rule (
	id        INTEGER PRIMARY KEY AUTOINCREMENT,  -- the rule's number, in logs and commands
	tenant_id INTEGER NOT NULL DEFAULT 0,  -- 0: the provider's, for the mail of all tenants; these come first
	position  INTEGER NOT NULL DEFAULT 0   -- the order among the rules of one owner; 0 in an INSERT: behind the last
	          CONSTRAINT content_rule_position_is_at_least_0 CHECK (position >= 0),
	enabled   INTEGER NOT NULL DEFAULT 1   -- 0: it does not count, and may be wrong
	          CONSTRAINT content_rule_enabled_is_0_or_1 CHECK (enabled IN (0, 1)),
	condition TEXT NOT NULL  -- what must hold of a message: attachment.extension is "exe" and size > 1M
	          CONSTRAINT content_rule_condition_is_1_to_1048576_octets
	          CHECK (length(CAST(condition AS BLOB)) BETWEEN 1 AND 1048576),
	action    TEXT NOT NULL  -- what is done then: reject "Programs are not taken"
	          CONSTRAINT content_rule_action_is_1_to_65536_octets
	          CHECK (length(CAST(action AS BLOB)) BETWEEN 1 AND 65536),
	comment   TEXT NOT NULL DEFAULT ''  -- for people
	          CONSTRAINT content_rule_comment_is_at_most_255_octets CHECK (length(CAST(comment AS BLOB)) <= 255),
	created   TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT;
CREATE INDEX content_rule_of_tenant ON content_rule (tenant_id, position, id);

-- Which rules are whose newest: a program compiles an owner's rules once for each value. Kept by triggers.
CREATE TABLE content_rule_set (
	tenant_id  INTEGER PRIMARY KEY,  -- 0: the provider
	generation INTEGER NOT NULL      -- generation.value at the last change of this owner's rules
) STRICT;

-- References, checked whatever PRAGMA foreign_keys says.

CREATE TRIGGER content_rule_reference_insert BEFORE INSERT ON content_rule
WHEN NEW.tenant_id <> 0 AND NOT EXISTS (SELECT 1 FROM tenant WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'content_rule.tenant_id: no such tenant; 0 is the provider'); END;
CREATE TRIGGER content_rule_reference_update BEFORE UPDATE OF tenant_id ON content_rule
WHEN NEW.tenant_id <> 0 AND NOT EXISTS (SELECT 1 FROM tenant WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'content_rule.tenant_id: no such tenant; 0 is the provider'); END;
-- INSERT OR REPLACE would take another owner's rule without a trigger.
CREATE TRIGGER content_rule_replace BEFORE INSERT ON content_rule
WHEN EXISTS (SELECT 1 FROM content_rule WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'content_rule.id: is there; update it, or insert without an id'); END;

-- Upkeep of the order and of the generation.

CREATE TRIGGER content_rule_after_insert AFTER INSERT ON content_rule
BEGIN
	UPDATE content_rule SET position = (SELECT max(position) + 1 FROM content_rule WHERE tenant_id = NEW.tenant_id)
	WHERE id = NEW.id AND NEW.position = 0;
	UPDATE generation SET value = value + 1, provider = iif(NEW.tenant_id = 0, value + 1, provider);
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = NEW.tenant_id;
	INSERT INTO content_rule_set SELECT NEW.tenant_id, value FROM generation WHERE true
	ON CONFLICT (tenant_id) DO UPDATE SET generation = excluded.generation;
END;
CREATE TRIGGER content_rule_after_update AFTER UPDATE ON content_rule
BEGIN
	UPDATE generation SET value = value + 1, provider = iif(0 IN (OLD.tenant_id, NEW.tenant_id), value + 1, provider);
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id IN (OLD.tenant_id, NEW.tenant_id);
	INSERT INTO content_rule_set SELECT OLD.tenant_id, value FROM generation WHERE true
	ON CONFLICT (tenant_id) DO UPDATE SET generation = excluded.generation;
	INSERT INTO content_rule_set SELECT NEW.tenant_id, value FROM generation WHERE true
	ON CONFLICT (tenant_id) DO UPDATE SET generation = excluded.generation;
END;
CREATE TRIGGER content_rule_after_delete AFTER DELETE ON content_rule
BEGIN
	UPDATE generation SET value = value + 1, provider = iif(OLD.tenant_id = 0, value + 1, provider);
	UPDATE tenant SET generation = (SELECT value FROM generation) WHERE id = OLD.tenant_id;
	INSERT INTO content_rule_set SELECT OLD.tenant_id, value FROM generation WHERE true
	ON CONFLICT (tenant_id) DO UPDATE SET generation = excluded.generation;
END;
CREATE TRIGGER content_rule_of_deleted_tenant AFTER DELETE ON tenant
BEGIN
	DELETE FROM content_rule WHERE tenant_id = OLD.id;
	DELETE FROM content_rule_set WHERE tenant_id = OLD.id;
END;
