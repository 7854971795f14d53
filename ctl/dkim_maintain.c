/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl dkim maintain: the keys' next steps where time or DNS has made them due. */
#include "common/setting_rows.h"
#include "ctl/dkim_change.h"
#include "ctl/dkim_output.h"
#include "ctl/nouns.h"
#include "ctl/resolver.h"
#include <err.h>
#include <stdlib.h>

/* A key that has a step to take, or something to ask about. */
struct duty {
	struct dkim_key_row row;
	struct dkim_key_facts facts;
};

struct maintenance {
	struct dns *dns;
	struct dkim_drain drain;
	struct json *reports;
	size_t count, size;
	struct duty *duties;
};

/* What a list of all keys is read with. */
struct listing {
	struct ctl *ctl;
	struct db *db;
	struct maintenance *work;
	int64_t retire_days;
};

/* What a change is about. */
struct change {
	const struct dkim_key_row *row;
	enum dkim_key_state to;
};

/* Says what became of a key, at once in text. Takes over `object`, which names the key. */
static void report(const struct ctl *ctl, struct maintenance *work, struct json *object,
		   const char *action, const char *detail)
{
	json_put_text(object, "action", action);
	json_put_text(object, "detail", detail);
	if (!ctl->json) {
		printf("dkim key %s of %s: %s%s%s\n", json_get_text(object, "selector"),
		       json_get_text(object, "domain"), action, *detail ? ": " : "", detail);
		if (json_get(object, "zone") != NULL)
			puts(json_get_text(object, "zone"));
		fflush(stdout);
	}
	json_append(work->reports, object);
}

/* The same for a key whose record is not to be published. */
static void report_key(const struct ctl *ctl, struct maintenance *work,
		       const struct dkim_key_row *row, const char *action, const char *detail)
{
	struct json *object = json_new_object();

	json_put_text(object, "domain", row->domain);
	json_put_text(object, "tenant", row->tenant);
	json_put_text(object, "selector", row->selector);
	json_put_text(object, "algorithm", dkim_algorithm_name(row->algorithm));
	report(ctl, work, object, action, detail);
}

static void report_failure(struct ctl *ctl, struct maintenance *work,
			   const struct dkim_key_row *row, const char *detail)
{
	ctl->findings = true;
	report_key(ctl, work, row, "failed", detail);
}

static bool read_days(struct db *db, const char *tenant, const char *name, int64_t *days_r,
		      struct error *err)
{
	struct setting_row row;
	struct setting_value value;

	if (!setting_rows_get(db, tenant, name, &row, err) ||
	    !setting_parse(row.id, row.value, &value, err))
		return false;
	*days_r = value.number;
	return true;
}

/* What the database knows of the key. */
static bool read_facts(const struct listing *listing, const struct dkim_key_row *row,
		       struct dkim_key_facts *facts_r, struct error *err)
{
	struct dkim_key_row next;
	enum found found = FOUND_NONE;

	*facts_r = (struct dkim_key_facts){.state = row->state,
					   .state_age_s = row->state_age_s,
					   .retire_days = listing->retire_days};
	if (row->state != DKIM_KEY_PENDING && row->state != DKIM_KEY_ACTIVE)
		return true;
	if (!read_days(listing->db, row->tenant, "dkim.rotate_days", &facts_r->rotate_days, err))
		return false;
	if (row->state == DKIM_KEY_ACTIVE && facts_r->rotate_days > 0)
		found = dkim_key_rows_in_state(listing->db, row->domain, row->algorithm,
					       DKIM_KEY_PENDING, &next, err);
	facts_r->has_next = found == FOUND_ONE;
	return found != FOUND_ERROR;
}

static void add_duty(struct maintenance *work, const struct duty *duty)
{
	if (work->count == work->size) {
		work->size = work->size * 2 + 16;
		work->duties = realloc(work->duties, work->size * sizeof(*work->duties));
		if (!work->duties)
			errx(1, "memory");
	}
	work->duties[work->count++] = *duty;
}

static void note_key(const struct dkim_key_row *row, void *context)
{
	const struct listing *listing = context;
	struct duty duty = {.row = *row};
	struct error err;

	if (!read_facts(listing, row, &duty.facts, &err))
		report_failure(listing->ctl, listing->work, row, err.text);
	else if (dkim_schedule_step(&duty.facts) != DKIM_STEP_NONE)
		add_duty(listing->work, &duty);
}

static bool find_duties(struct ctl *ctl, struct db *db, struct error *err)
{
	struct listing listing = {.ctl = ctl, .db = db, .work = ctl->context};

	return read_days(db, NULL, "dkim.retire_days", &listing.retire_days, err) &&
	       dkim_key_rows_list(db, NULL, note_key, &listing, err);
}

/* The step, after DNS or the queue was asked where it hangs on them. */
static enum dkim_step decide(const struct ctl *ctl, struct maintenance *work, struct duty *duty,
			     struct error *detail_r)
{
	enum dkim_step step = dkim_schedule_step(&duty->facts);
	struct dkim_seen seen;

	detail_r->text[0] = '\0';
	if (step == DKIM_STEP_ASK_DNS) {
		dkim_record_look(work->dns, &duty->row, &seen);
		duty->facts.was_looked_for = true;
		duty->facts.sight = seen.sight;
		error_set(detail_r, "%s", seen.detail);
		step = dkim_schedule_step(&duty->facts);
	} else if (step == DKIM_STEP_ASK_QUEUE) {
		duty->facts.queue = dkim_drain_ask(ctl, &work->drain, &duty->row, detail_r);
		step = dkim_schedule_step(&duty->facts);
	}
	return step;
}

static bool change_state(struct ctl *ctl, struct db *db, struct error *err)
{
	const struct change *change = ctl->context;

	return dkim_change_state(db, change->row, change->to, err);
}

static bool make_change(struct ctl *ctl, struct change *change, struct error *err)
{
	ctl->context = change;
	return ctl_change(ctl, change_state, err);
}

static void move_key(struct ctl *ctl, struct maintenance *work, const struct dkim_key_row *row,
		     enum dkim_key_state to)
{
	struct change change = {row, to};
	struct error err;

	if (!make_change(ctl, &change, &err))
		report_failure(ctl, work, row, err.text);
	else if (to == DKIM_KEY_ACTIVE)
		report_key(ctl, work, row, "activated", "");
	else
		report_key(ctl, work, row, "retired", "delete its record from DNS");
}

static void make_next(struct ctl *ctl, struct maintenance *work, const struct dkim_key_row *active)
{
	struct json *records = json_new_array();
	struct error err;

	if (!dkim_change_make_next(ctl, active, records, &err))
		report_failure(ctl, work, active, err.text);
	else
		report(ctl, work, json_clone(json_at(records, 0)), "made", "publish its record");
	json_drop(records);
}

static void take_step(struct ctl *ctl, struct maintenance *work, struct duty *duty)
{
	const struct dkim_key_row *row = &duty->row;
	struct error detail;

	switch (decide(ctl, work, duty, &detail)) {
	case DKIM_STEP_MAKE_NEXT:
		make_next(ctl, work, row);
		break;
	case DKIM_STEP_ACTIVATE:
		move_key(ctl, work, row, DKIM_KEY_ACTIVE);
		break;
	case DKIM_STEP_RETIRE:
		move_key(ctl, work, row, DKIM_KEY_RETIRED);
		break;
	case DKIM_STEP_AWAIT_RECORD:
		report(ctl, work, dkim_record_json(row), "waits for its record", detail.text);
		break;
	case DKIM_STEP_AWAIT_QUEUE:
		report_key(ctl, work, row, "waits for the queue", detail.text);
		break;
	case DKIM_STEP_BAD_RECORD:
	case DKIM_STEP_BAD_QUEUE:
		report_failure(ctl, work, row, detail.text);
		break;
	case DKIM_STEP_NONE:
	case DKIM_STEP_ASK_DNS:
	case DKIM_STEP_ASK_QUEUE:
		break;
	}
}

static bool maintain(struct ctl *ctl, struct maintenance *work, struct error *err)
{
	ctl->context = work;
	if (!ctl_read(ctl, find_duties, err))
		return false;
	for (size_t i = 0; i < work->count; i++)
		take_step(ctl, work, &work->duties[i]);
	if (ctl->json)
		json_print(work->reports, stdout);
	return true;
}

bool ctl_dkim_maintain(struct ctl *ctl, struct error *err)
{
	struct maintenance work = {.reports = json_new_array()};
	bool done = resolver_new(ctl, &work.dns, err);

	if (done) {
		done = maintain(ctl, &work, err);
		dns_free(work.dns);
	}
	json_drop(work.reports);
	free(work.duties);
	return done;
}
