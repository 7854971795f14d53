/* SPDX-License-Identifier: BSD-2-Clause */
/* Decisions, deliveries and tallies in the journal. */
#include "common/journal_delivery.h"
#include "common/journal_private.h"

static bool add_row(struct db *db, const struct journal_delivery *delivery, struct error *err)
{
	struct db_query *query = db_query(
	    db,
	    "INSERT INTO delivery (at, queue_id, tenant, sender, recipient, domain, transport,"
	    " egress, host, address, delay_ms, status, dsn, class, reply)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
	    err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, delivery->at);
	db_bind_text(query, 2, delivery->queue_id);
	db_bind_text(query, 3, delivery->tenant);
	db_bind_text(query, 4, delivery->sender);
	db_bind_text(query, 5, delivery->recipient);
	db_bind_text(query, 6, delivery->domain);
	db_bind_text(query, 7, delivery->transport);
	db_bind_text(query, 8, delivery->egress);
	db_bind_text(query, 9, delivery->host);
	db_bind_text(query, 10, delivery->address);
	db_bind_int(query, 11, delivery->delay_ms);
	db_bind_text(query, 12, delivery->status);
	db_bind_text(query, 13, delivery->dsn);
	db_bind_text(query, 14, reply_class_name(delivery->class));
	db_bind_text(query, 15, delivery->reply);
	return db_run(query, err);
}

static bool count_reply(struct db *db, const struct journal_delivery *delivery, const char *domain,
			struct error *err)
{
	struct db_query *query =
	    db_query(db,
		     "INSERT INTO reply_tally (minute, egress, domain, class, count)"
		     " VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT DO UPDATE SET count = count + 1",
		     err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, delivery->at / 60);
	db_bind_text(query, 2, delivery->egress);
	db_bind_text(query, 3, domain);
	db_bind_text(query, 4, reply_class_name(delivery->class));
	return db_run(query, err);
}

bool journal_delivery_add(struct journal *journal, const struct journal_delivery *delivery,
			  struct error *err)
{
	if (!add_row(journal->db, delivery, err))
		return false;
	return delivery->egress[0] == '\0' ||
	       (count_reply(journal->db, delivery, delivery->domain, err) &&
		count_reply(journal->db, delivery, "*", err));
}

bool journal_decision_add(struct journal *journal, const struct journal_decision *decision,
			  struct error *err)
{
	struct db_query *query =
	    db_query(journal->db,
		     "INSERT INTO decision (at, queue_id, client, sender, tenant, verdict, filter,"
		     " code, status, egress, generation, reply)"
		     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		     err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, decision->at);
	db_bind_text(query, 2, decision->queue_id);
	db_bind_text(query, 3, decision->client);
	db_bind_text(query, 4, decision->sender);
	db_bind_text(query, 5, decision->tenant);
	db_bind_text(query, 6, decision->verdict);
	db_bind_text(query, 7, decision->filter);
	db_bind_int(query, 8, decision->code);
	db_bind_text(query, 9, decision->status);
	db_bind_text(query, 10, decision->egress);
	db_bind_int(query, 11, decision->generation);
	db_bind_text(query, 12, decision->reply);
	return db_run(query, err);
}

/* A class of a later version is "other" to this one. */
static enum reply_class read_class(struct db_query *query, int column)
{
	enum reply_class class = REPLY_OTHER;

	(void)reply_class_parse(db_text(query, column), &class);
	return class;
}

bool journal_tally_read(struct journal *journal, int64_t since, const char *domain,
			void (*each)(const struct journal_tally *tally, void *context),
			void *context, struct error *err)
{
	enum found found;
	struct db_query *query =
	    db_query(journal->db,
		     "SELECT minute, egress, domain, class, count FROM reply_tally"
		     " WHERE minute >= ?1 AND (?2 IS NULL OR domain = ?2) ORDER BY minute",
		     err);

	if (query == NULL)
		return false;
	db_bind_int(query, 1, since);
	db_bind_text(query, 2, domain);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		const struct journal_tally tally = {
		    .minute = db_int(query, 0),
		    .egress = db_text(query, 1),
		    .domain = db_text(query, 2),
		    .class = read_class(query, 3),
		    .count = db_int(query, 4),
		};

		each(&tally, context);
	}
	db_reset(query);
	return found == FOUND_NONE;
}

/* By the index of what the filter names. */
static struct db_query *filtered_deliveries(struct db *db, const struct journal_filter *filter,
					    struct error *err)
{
#define DELIVERIES                                                                              \
	"SELECT at, queue_id, tenant, sender, recipient, domain, transport, egress, host,"      \
	" address, delay_ms, status, dsn, class, reply FROM (SELECT * FROM delivery WHERE at >" \
	" ?4 AND (?1 IS NULL OR queue_id = ?1) AND (?2 IS NULL OR sender = ?2)"                 \
	" AND (?3 IS NULL OR recipient = ?3)"
#define LAST_ONES " ORDER BY id DESC LIMIT ?5) ORDER BY id"
	if (filter->queue_id != NULL)
		return db_query(db, DELIVERIES " AND queue_id = ?1" LAST_ONES, err);
	if (filter->recipient != NULL)
		return db_query(db, DELIVERIES " AND recipient = ?3" LAST_ONES, err);
	if (filter->sender != NULL)
		return db_query(db, DELIVERIES " AND sender = ?2" LAST_ONES, err);
	return db_query(db, DELIVERIES LAST_ONES, err);
}

static struct journal_delivery read_delivery(struct db_query *query)
{
	return (struct journal_delivery){
	    .at = db_int(query, 0),
	    .queue_id = db_text(query, 1),
	    .tenant = db_text(query, 2),
	    .sender = db_text(query, 3),
	    .recipient = db_text(query, 4),
	    .domain = db_text(query, 5),
	    .transport = db_text(query, 6),
	    .egress = db_text(query, 7),
	    .host = db_text(query, 8),
	    .address = db_text(query, 9),
	    .delay_ms = db_int(query, 10),
	    .status = db_text(query, 11),
	    .dsn = db_text(query, 12),
	    .class = read_class(query, 13),
	    .reply = db_text(query, 14),
	};
}

static void bind_filter(struct db_query *query, const struct journal_filter *filter)
{
	db_bind_text(query, 1, filter->queue_id);
	db_bind_text(query, 2, filter->sender);
	db_bind_text(query, 3, filter->recipient);
	db_bind_int(query, 4, filter->since);
	db_bind_int(query, 5, filter->limit);
}

bool journal_delivery_list(struct journal *journal, const struct journal_filter *filter,
			   void (*each)(const struct journal_delivery *delivery, void *context),
			   void *context, struct error *err)
{
	struct db_query *query = filtered_deliveries(journal->db, filter, err);
	enum found found;

	if (query == NULL)
		return false;
	bind_filter(query, filter);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		struct journal_delivery delivery = read_delivery(query);

		each(&delivery, context);
	}
	db_reset(query);
	return found == FOUND_NONE;
}

static struct journal_decision read_decision(struct db_query *query)
{
	return (struct journal_decision){
	    .at = db_int(query, 0),
	    .queue_id = db_text(query, 1),
	    .client = db_text(query, 2),
	    .sender = db_text(query, 3),
	    .tenant = db_text(query, 4),
	    .verdict = db_text(query, 5),
	    .filter = db_text(query, 6),
	    .code = (int)db_int(query, 7),
	    .status = db_text(query, 8),
	    .egress = db_text(query, 9),
	    .generation = db_int(query, 10),
	    .reply = db_text(query, 11),
	};
}

static struct db_query *filtered_decisions(struct db *db, const struct journal_filter *filter,
					   struct error *err)
{
#define DECISIONS                                                                             \
	"SELECT at, queue_id, client, sender, tenant, verdict, filter, code, status, egress," \
	" generation, reply FROM (SELECT * FROM decision WHERE at > ?4 AND ?3 IS NULL"        \
	" AND (?1 IS NULL OR queue_id = ?1) AND (?2 IS NULL OR sender = ?2)"
	if (filter->queue_id != NULL)
		return db_query(db, DECISIONS " AND queue_id = ?1" LAST_ONES, err);
	if (filter->sender != NULL)
		return db_query(db, DECISIONS " AND sender = ?2" LAST_ONES, err);
	return db_query(db, DECISIONS LAST_ONES, err);
}

bool journal_decision_list(struct journal *journal, const struct journal_filter *filter,
			   void (*each)(const struct journal_decision *decision, void *context),
			   void *context, struct error *err)
{
	struct db_query *query = filtered_decisions(journal->db, filter, err);
	enum found found;

	if (query == NULL)
		return false;
	bind_filter(query, filter);
	while ((found = db_step(query, err)) == FOUND_ONE) {
		struct journal_decision decision = read_decision(query);

		each(&decision, context);
	}
	db_reset(query);
	return found == FOUND_NONE;
}
