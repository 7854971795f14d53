-- SPDX-License-Identifier: BSD-2-Clause
-- Streams: mailings to many leave apart from a company's daily mail, by addresses of their own.

-- What puts mail in a stream. corporate: nothing does; bulk: all mail of the domain, or all mail that its tenant hands
-- in from the relay host. Of nested relay hosts the smallest counts.
ALTER TABLE domain ADD COLUMN stream TEXT NOT NULL DEFAULT 'corporate'
	CONSTRAINT domain_stream_is_corporate_or_bulk CHECK (stream IN ('corporate', 'bulk'));
ALTER TABLE relay_host ADD COLUMN stream TEXT NOT NULL DEFAULT 'corporate'
	CONSTRAINT relay_host_stream_is_corporate_or_bulk CHECK (stream IN ('corporate', 'bulk'));
CREATE INDEX relay_host_bulk ON relay_host (tenant_id) WHERE stream = 'bulk';

CREATE TRIGGER relay_host_after_stream AFTER UPDATE OF stream ON relay_host WHEN NEW.stream <> OLD.stream
BEGIN UPDATE generation SET value = value + 1; END;

-- An egress group carries mail of one way: corporate (tenant.egress_group_id, settings egress.default_group and
-- egress.fallback_group), bulk (setting bulk.egress_group) or suspicious (setting antispam.suspect_group). So no
-- address is shared, whatever is written here.
CREATE INDEX setting_by_value ON setting (name, value);
CREATE INDEX tenant_of_group ON tenant (egress_group_id);

CREATE TRIGGER setting_way_insert BEFORE INSERT ON setting
WHEN NEW.name IN ('egress.default_group', 'egress.fallback_group', 'bulk.egress_group', 'antispam.suspect_group') AND NEW.value <> ''
BEGIN
	SELECT RAISE(ABORT, 'setting.value: this group carries mail of another way; name a group that does not')
	WHERE EXISTS (SELECT 1 FROM setting
	              WHERE name IN ('egress.default_group', 'egress.fallback_group', 'bulk.egress_group', 'antispam.suspect_group')
	              AND value = NEW.value AND iif(name GLOB 'egress.*', '', name) <> iif(NEW.name GLOB 'egress.*', '', NEW.name))
	      OR (NEW.name NOT GLOB 'egress.*' AND EXISTS
	          (SELECT 1 FROM tenant t JOIN egress_group g ON g.id = t.egress_group_id WHERE g.name = NEW.value));
END;
CREATE TRIGGER setting_way_update BEFORE UPDATE ON setting
WHEN NEW.name IN ('egress.default_group', 'egress.fallback_group', 'bulk.egress_group', 'antispam.suspect_group') AND NEW.value <> ''
BEGIN
	SELECT RAISE(ABORT, 'setting.value: this group carries mail of another way; name a group that does not')
	WHERE EXISTS (SELECT 1 FROM setting
	              WHERE name IN ('egress.default_group', 'egress.fallback_group', 'bulk.egress_group', 'antispam.suspect_group')
	              AND value = NEW.value AND iif(name GLOB 'egress.*', '', name) <> iif(NEW.name GLOB 'egress.*', '', NEW.name))
	      OR (NEW.name NOT GLOB 'egress.*' AND EXISTS
	          (SELECT 1 FROM tenant t JOIN egress_group g ON g.id = t.egress_group_id WHERE g.name = NEW.value));
END;
CREATE TRIGGER tenant_way_insert BEFORE INSERT ON tenant
WHEN EXISTS (SELECT 1 FROM egress_group g JOIN setting s ON s.value = g.name
             WHERE g.id = NEW.egress_group_id AND s.name IN ('bulk.egress_group', 'antispam.suspect_group'))
BEGIN SELECT RAISE(ABORT, 'tenant.egress_group_id: this group carries bulk or suspicious mail; name a group that does not'); END;
CREATE TRIGGER tenant_way_update BEFORE UPDATE OF egress_group_id ON tenant
WHEN EXISTS (SELECT 1 FROM egress_group g JOIN setting s ON s.value = g.name
             WHERE g.id = NEW.egress_group_id AND s.name IN ('bulk.egress_group', 'antispam.suspect_group'))
BEGIN SELECT RAISE(ABORT, 'tenant.egress_group_id: this group carries bulk or suspicious mail; name a group that does not'); END;
CREATE TRIGGER egress_group_way_delete BEFORE DELETE ON egress_group
WHEN EXISTS (SELECT 1 FROM setting WHERE name IN ('bulk.egress_group', 'antispam.suspect_group') AND value = OLD.name)
BEGIN SELECT RAISE(ABORT, 'egress_group: a setting names it as the group of bulk or suspicious mail; change that first'); END;
