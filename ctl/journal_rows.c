/* SPDX-License-Identifier: BSD-2-Clause */
/* From rows of the journal to JSON. */
#include "ctl/journal_rows.h"
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void journal_rows_audit(const struct journal_audit *audit, void *rows)
{
	struct json *row = json_new_object();

	json_put_time(row, "at", (time_t)audit->at);
	json_put_text(row, "actor", audit->actor);
	json_put_text(row, "kind", audit->kind);
	json_put_text(row, "subject", audit->subject);
	json_put_text(row, "old", audit->old_state);
	json_put_text(row, "new", audit->new_state);
	json_put_text(row, "reason", audit->reason);
	json_append(rows, row);
}

static struct json *delivery_row(const struct journal_delivery *delivery)
{
	struct json *row = json_new_object();

	json_put_time(row, "at", (time_t)delivery->at);
	json_put_text(row, "event", "delivery");
	json_put_text(row, "queue_id", delivery->queue_id);
	json_put_text(row, "tenant", delivery->tenant);
	json_put_text(row, "sender", delivery->sender);
	json_put_text(row, "recipient", delivery->recipient);
	json_put_text(row, "domain", delivery->domain);
	json_put_text(row, "transport", delivery->transport);
	json_put_text(row, "egress", delivery->egress);
	json_put_text(row, "host", delivery->host);
	json_put_text(row, "address", delivery->address);
	json_put_number(row, "delay_ms", delivery->delay_ms);
	json_put_text(row, "status", delivery->status);
	json_put_text(row, "dsn", delivery->dsn);
	json_put_text(row, "class", reply_class_name(delivery->class));
	json_put_text(row, "reply", delivery->reply);
	return row;
}

void journal_rows_delivery(const struct journal_delivery *delivery, void *rows)
{
	json_append(rows, delivery_row(delivery));
}

static struct json *decision_row(const struct journal_decision *decision)
{
	struct json *row = json_new_object();

	json_put_time(row, "at", (time_t)decision->at);
	json_put_text(row, "event", "decision");
	json_put_text(row, "queue_id", decision->queue_id);
	json_put_text(row, "tenant", decision->tenant);
	json_put_text(row, "client", decision->client);
	json_put_text(row, "sender", decision->sender);
	json_put_text(row, "transport", decision->egress);
	json_put_text(row, "status", decision->verdict);
	json_put_text(row, "filter", decision->filter);
	json_put_number(row, "code", decision->code);
	json_put_text(row, "dsn", decision->status);
	json_put_number(row, "generation", decision->generation);
	json_put_text(row, "reply", decision->reply);
	return row;
}

/* One line of a trace. */
struct event {
	int64_t at;
	size_t order; /* as they were found: decisions before deliveries of the same second */
	struct json *row;
};

struct trace {
	size_t count;
	struct event *events;
};

static void add_event(struct trace *trace, int64_t at, struct json *row)
{
	trace->events = reallocarray(trace->events, trace->count + 1, sizeof(trace->events[0]));
	if (!trace->events)
		err(1, "memory");
	trace->events[trace->count] = (struct event){at, trace->count, row};
	trace->count++;
}

static void add_delivery(const struct journal_delivery *delivery, void *context)
{
	add_event(context, delivery->at, delivery_row(delivery));
}

static void add_decision(const struct journal_decision *decision, void *context)
{
	add_event(context, decision->at, decision_row(decision));
}

static int compare_events(const void *a, const void *b)
{
	const struct event *left = a, *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return left->order < right->order ? -1 : 1;
}

static bool is_repeated(const struct trace *trace, size_t at)
{
	const char *queue_id = json_get_text(trace->events[at].row, "queue_id");

	for (size_t i = 0; i < at; i++) {
		if (strcmp(json_get_text(trace->events[i].row, "queue_id"), queue_id) == 0)
			return true;
	}
	return false;
}

/* The decisions about the messages whose deliveries are in the trace; these come first. */
static bool add_decisions_of(struct journal *journal, const struct trace *deliveries,
			     const struct journal_filter *filter, struct trace *trace,
			     struct error *err)
{
	for (size_t i = 0; i < deliveries->count; i++) {
		const struct journal_filter by_id = {
		    .queue_id = json_get_text(deliveries->events[i].row, "queue_id"),
		    .sender = filter->sender,
		    .since = filter->since,
		    .limit = filter->limit,
		};

		if (!is_repeated(deliveries, i) &&
		    !journal_decision_list(journal, &by_id, add_decision, trace, err))
			return false;
	}
	return true;
}

bool journal_rows_trace(struct journal *journal, const struct journal_filter *filter,
			struct json *rows, struct error *err)
{
	struct trace deliveries = {0}, trace = {0};
	bool done = journal_delivery_list(journal, filter, add_delivery, &deliveries, err);

	if (done && filter->recipient)
		done = add_decisions_of(journal, &deliveries, filter, &trace, err);
	else if (done)
		done = journal_decision_list(journal, filter, add_decision, &trace, err);
	for (size_t i = 0; i < deliveries.count; i++)
		add_event(&trace, deliveries.events[i].at, deliveries.events[i].row);
	if (trace.count > 0)
		qsort(trace.events, trace.count, sizeof(trace.events[0]), compare_events);
	for (size_t i = 0; i < trace.count; i++)
		json_append(rows, trace.events[i].row);
	free(deliveries.events);
	free(trace.events);
	return done;
}

/* Sums by address and class: few, so they are searched. */
struct sums {
	const char *egress; /* wanted; NULL: all */
	size_t count;
	struct sum {
		char egress[64];
		enum reply_class class;
		int64_t count;
	} * items;
};

static void add_tally(const struct journal_tally *tally, void *context)
{
	struct sums *sums = context;
	size_t at = 0;

	if (sums->egress && strcmp(sums->egress, tally->egress) != 0)
		return;
	while (at < sums->count && (strcmp(sums->items[at].egress, tally->egress) != 0 ||
				    sums->items[at].class != tally->class))
		at++;
	if (at == sums->count) {
		sums->items = reallocarray(sums->items, ++sums->count, sizeof(sums->items[0]));
		if (!sums->items)
			err(1, "memory");
		sums->items[at] = (struct sum){.class = tally->class};
		snprintf(sums->items[at].egress, sizeof(sums->items[at].egress), "%s",
			 tally->egress);
	}
	sums->items[at].count += tally->count;
}

static int compare_sums(const void *a, const void *b)
{
	const struct sum *left = a, *right = b;
	int order = strcmp(left->egress, right->egress);

	return order ? order : (int)left->class - (int)right->class;
}

bool journal_rows_replies(struct journal *journal, const char *egress, int64_t hours,
			  struct json *rows, struct error *err)
{
	int64_t since = (time(NULL) - hours * 3600) / 60;
	struct sums sums = {.egress = egress};
	bool done = journal_tally_read(journal, since, "*", add_tally, &sums, err);

	if (sums.count > 0)
		qsort(sums.items, sums.count, sizeof(sums.items[0]), compare_sums);
	for (size_t i = 0; i < sums.count; i++) {
		struct json *row = json_new_object();

		json_put_text(row, "egress", sums.items[i].egress);
		json_put_text(row, "class", reply_class_name(sums.items[i].class));
		json_put_number(row, "count", sums.items[i].count);
		json_put_text(row, "meaning", reply_class_help(sums.items[i].class));
		json_append(rows, row);
	}
	free(sums.items);
	return done;
}
