/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl journal: what happened. */
#include "common/journal.h"
#include "common/journal_delivery.h"
#include "ctl/journal_rows.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LAST_DEFAULT 100
#define LAST_MAX     100000
#define HOURS_MAX    876000

/* A whole number that an option gives; *value_r stays when it is not given. */
static bool read_number(const struct ctl *ctl, const char *option, long most, long *value_r,
			struct error *err)
{
	const char *text = ctl_option(ctl, option);
	char *end;

	if (!text)
		return true;
	*value_r = strtol(text, &end, 10);
	return (end != text && *end == '\0' && *value_r >= 1 && *value_r <= most) ||
	       error_set(err, "%s: '%.80s' is no number from 1 to %ld", option, text, most);
}

static bool read_filter(const struct ctl *ctl, struct journal_filter *filter_r, struct error *err)
{
	long last = LAST_DEFAULT, hours = 0;

	if (!read_number(ctl, "--last", LAST_MAX, &last, err) ||
	    !read_number(ctl, "--hours", HOURS_MAX, &hours, err))
		return false;
	*filter_r = (struct journal_filter){
	    .queue_id = ctl_option(ctl, "--queue-id"),
	    .sender = ctl_option(ctl, "--sender"),
	    .recipient = ctl_option(ctl, "--recipient"),
	    .since = hours ? time(NULL) - hours * 3600 : 0,
	    .limit = (int)last,
	};
	return true;
}

/* The journal, in a transaction of reading. */
static bool open_journal(const struct ctl *ctl, struct journal **journal_r, struct error *err)
{
	if (!journal_open(config_text(ctl->config, "journal"), JOURNAL_READ,
			  (int)config_number(ctl->config, "database.busy_timeout"), journal_r, err))
		return false;
	if (journal_begin(*journal_r, err))
		return true;
	journal_close(*journal_r);
	return false;
}

/* Prints the rows, or drops them when they could not all be read. */
static bool finish(const struct ctl *ctl, struct journal *journal, bool done, const char *columns,
		   struct json *rows)
{
	journal_close(journal);
	if (done)
		output_list(ctl, columns, rows);
	else
		json_drop(rows);
	return done;
}

bool ctl_journal_audit(struct ctl *ctl, struct error *err)
{
	struct json *rows = json_new_array();
	struct journal_filter filter;
	struct journal *journal;
	bool done;

	if (!read_filter(ctl, &filter, err) || !open_journal(ctl, &journal, err)) {
		json_drop(rows);
		return false;
	}
	done = journal_audit_list(journal,
				  &(struct journal_audit_filter){.kind = ctl_argument(ctl, 0),
								 .subject = ctl_argument(ctl, 1),
								 .limit = filter.limit},
				  journal_rows_audit, rows, err);
	return finish(ctl, journal, done, "at actor kind subject old new reason", rows);
}

bool ctl_journal_deliveries(struct ctl *ctl, struct error *err)
{
	struct json *rows = json_new_array();
	struct journal_filter filter;
	struct journal *journal;
	bool done;

	if (!read_filter(ctl, &filter, err) || !open_journal(ctl, &journal, err)) {
		json_drop(rows);
		return false;
	}
	done = journal_delivery_list(journal, &filter, journal_rows_delivery, rows, err);
	return finish(ctl, journal, done,
		      "at queue_id sender recipient egress host status dsn class reply", rows);
}

bool ctl_journal_trace(struct ctl *ctl, struct error *err)
{
	struct journal_filter filter;
	struct journal *journal;
	struct json *rows;

	if (!read_filter(ctl, &filter, err))
		return false;
	filter.queue_id = ctl_argument(ctl, 0);
	if (!filter.queue_id && !filter.sender && !filter.recipient)
		return error_set(err, "give a queue id, --sender or --recipient");
	if (!open_journal(ctl, &journal, err))
		return false;
	rows = json_new_array();
	return finish(ctl, journal, journal_rows_trace(journal, &filter, rows, err),
		      "at event queue_id tenant sender recipient egress status class reply", rows);
}

bool ctl_journal_replies(struct ctl *ctl, struct error *err)
{
	struct json *rows = json_new_array();
	struct journal *journal;
	long hours = 24;
	bool done;

	if (!read_number(ctl, "--hours", HOURS_MAX, &hours, err) ||
	    !open_journal(ctl, &journal, err)) {
		json_drop(rows);
		return false;
	}
	done = journal_rows_replies(journal, ctl_argument(ctl, 0), hours, rows, err);
	return finish(ctl, journal, done, "egress class count meaning", rows);
}
