-- journal.db: what happened. Written by easymail-tracker (deliveries, tallies, decisions), and by everything that
-- changes state (audit); old rows go by themselves, see option journal.keep_days.
--
-- Times are seconds since 1970, UTC. Texts are never NULL; '' is "not known" or "none", but for a sender, where '' is
-- also the null sender. Addresses of hosts are in canonical spelling, domains in lower-case A-labels.

-- Every change of state, with who made it and why.
CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,             -- who: a program, or the user who ran easymailctl
    kind    TEXT NOT NULL,             -- of the subject: 'egress', 'tenant', …
    subject TEXT NOT NULL,             -- which one: an address, a name
    old     TEXT NOT NULL DEFAULT '',  -- state before
    new     TEXT NOT NULL DEFAULT '',  -- state after
    reason  TEXT NOT NULL DEFAULT ''   -- for people
) STRICT;
CREATE INDEX audit_by_subject ON audit (kind, subject, id);
CREATE INDEX audit_by_time ON audit (at);

-- The result of one attempt to deliver one message to one recipient, from Postfix's log.
CREATE TABLE delivery (
    id        INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    queue_id  TEXT NOT NULL,             -- Postfix's; a short one may be another message's later
    tenant    TEXT NOT NULL DEFAULT '',  -- whose mail it is
    sender    TEXT NOT NULL DEFAULT '',  -- of the envelope
    recipient TEXT NOT NULL,             -- of the envelope, as Postfix delivers to it
    domain    TEXT NOT NULL DEFAULT '',  -- the recipient's
    transport TEXT NOT NULL DEFAULT '',  -- Postfix's service: 'easymail-192.0.2.10', 'error', …
    egress    TEXT NOT NULL DEFAULT '',  -- the address it was sent from; '' when no egress transport had it
    host      TEXT NOT NULL DEFAULT '',  -- the receiving server's name; '' when none was reached
    address   TEXT NOT NULL DEFAULT '',  -- and its address
    delay_ms  INTEGER NOT NULL DEFAULT 0,-- since the message came in
    status    TEXT NOT NULL,             -- 'sent', 'deferred', 'bounced', 'expired', …
    dsn       TEXT NOT NULL DEFAULT '',  -- enhanced status code (RFC 3463)
    class     TEXT NOT NULL,             -- what the reply means, see easymail-tracker(8)
    reply     TEXT NOT NULL DEFAULT ''   -- what the receiver, or Postfix, said
) STRICT;
CREATE INDEX delivery_by_queue_id ON delivery (queue_id);
CREATE INDEX delivery_by_sender ON delivery (sender, at);
CREATE INDEX delivery_by_recipient ON delivery (recipient, at);
CREATE INDEX delivery_by_time ON delivery (at);

-- How many replies of each class an egress address got in each minute; what the supervision of addresses reads.
CREATE TABLE reply_tally (
    minute INTEGER NOT NULL,             -- seconds since 1970, divided by 60
    egress TEXT NOT NULL,
    domain TEXT NOT NULL,                -- the receiving one; '*' all of them together
    class  TEXT NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (minute, egress, domain, class)
) STRICT, WITHOUT ROWID;

-- What easymail-milter decided about a message, from its log line; the columns are the line's keys.
CREATE TABLE decision (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    queue_id   TEXT NOT NULL,            -- '' when it was refused before Postfix gave one
    client     TEXT NOT NULL DEFAULT '',
    sender     TEXT NOT NULL DEFAULT '',
    tenant     TEXT NOT NULL DEFAULT '',
    verdict    TEXT NOT NULL,
    filter     TEXT NOT NULL DEFAULT '',
    code       INTEGER NOT NULL DEFAULT 0,
    status     TEXT NOT NULL DEFAULT '',
    egress     TEXT NOT NULL DEFAULT '', -- the transport
    generation INTEGER NOT NULL DEFAULT 0,
    reply      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX decision_by_queue_id ON decision (queue_id);
CREATE INDEX decision_by_sender ON decision (sender, at);
CREATE INDEX decision_by_time ON decision (at);

-- Messages under way: what the log said of them before their deliveries. A row goes when Postfix removes the message.
CREATE TABLE message (
    queue_id TEXT PRIMARY KEY,
    at       INTEGER NOT NULL,             -- of the last line about it
    sender   TEXT NOT NULL DEFAULT '',
    tenant   TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX message_by_time ON message (at);

-- How far the log has been read: committed together with the rows that were made of it.
CREATE TABLE tracker_position (
    source    TEXT PRIMARY KEY,            -- 'file' or 'journald'
    path      TEXT NOT NULL DEFAULT '',    -- of a file, as configured
    device    INTEGER NOT NULL DEFAULT 0,  -- of the file that the offset is in
    inode     INTEGER NOT NULL DEFAULT 0,
    offset    INTEGER NOT NULL DEFAULT 0,  -- octets read: whole lines
    head_size INTEGER NOT NULL DEFAULT 0,  -- octets at the file's beginning that head was made of
    head      INTEGER NOT NULL DEFAULT 0,  -- their hash: a file that was truncated or is another has another one
    cursor    TEXT NOT NULL DEFAULT '',    -- journald's
    at        INTEGER NOT NULL DEFAULT 0   -- when it was written
) STRICT, WITHOUT ROWID;

-- Files of the spool that have been taken in, so that one whose removal was interrupted is not taken in twice.
CREATE TABLE spool_taken (
    name TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
