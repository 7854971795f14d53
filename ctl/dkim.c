/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl dkim: keys listed, retired and deleted. */
#include "common/domains.h"
#include "common/setting_rows.h"
#include "ctl/dkim_change.h"
#include "ctl/dkim_output.h"
#include "ctl/nouns.h"
#include <err.h>
#include <stdlib.h>

bool ctl_dkim_init_keyfile(struct ctl *ctl, struct error *err)
{
	const char *path = config_text(ctl->config, "dkim.key_file");

	if (!key_file_create(path, config_text(ctl->config, "dkim.key_file_group"), err))
		return false;
	output_done(ctl, "key file %s: made; back it up apart from the database", path);
	return true;
}

static void append_key(const struct dkim_key_row *row, void *context)
{
	json_append(context, dkim_key_json(row));
}

static bool list(struct ctl *ctl, struct db *db, struct error *err)
{
	struct json *rows = json_new_array();

	if (!dkim_key_rows_list(db, ctl_argument(ctl, 0), append_key, rows, err)) {
		json_drop(rows);
		return false;
	}
	output_list(ctl, DKIM_KEYS, rows);
	return true;
}

bool ctl_dkim_list(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, list, err);
}

static bool show(struct ctl *ctl, struct db *db, struct error *err)
{
	struct dkim_key_row row;

	if (!dkim_key_rows_get(db, ctl_argument(ctl, 0), ctl_argument(ctl, 1), &row, err))
		return false;
	output_object(ctl,
		      "domain tenant selector algorithm bits state state_since created name value",
		      dkim_record_json(&row));
	return true;
}

bool ctl_dkim_show(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, show, err);
}

/* A retired key's record is not to be published. */
static void append_record(const struct dkim_key_row *row, void *context)
{
	if (row->state != DKIM_KEY_RETIRED)
		json_append(context, dkim_record_json(row));
}

static bool record(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *domain = ctl_argument(ctl, 0), *selector = ctl_option(ctl, "--selector");
	struct json *rows = json_new_array();
	struct dkim_key_row row;
	bool done;

	if (selector) {
		done = dkim_key_rows_get(db, domain, selector, &row, err);
		if (done)
			json_append(rows, dkim_record_json(&row));
	} else {
		done = dkim_key_rows_list(db, domain, append_record, rows, err);
		if (done && json_count(rows) == 0)
			done = error_set(err,
					 "domain: %s has no DKIM key to publish; make one with "
					 "`easymailctl dkim create %s`",
					 domain, domain);
	}
	if (!done) {
		json_drop(rows);
		return false;
	}
	dkim_print_records(ctl, rows);
	return true;
}

bool ctl_dkim_record(struct ctl *ctl, struct error *err)
{
	return ctl_read(ctl, record, err);
}

/* Has the retiring key been published long enough for all mail that it signed? */
static bool check_age(struct db *db, const struct dkim_key_row *row, struct error *err)
{
	struct setting_row setting;
	long long days;

	if (!setting_rows_get(db, NULL, "dkim.retire_days", &setting, err))
		return false;
	days = atoll(setting.value);
	return row->state_age_s >= days * 86400 ||
	       error_set(
		   err,
		   "DKIM key %s of %s: signs no more since %s, but mail that it signed may be "
		   "under way for %lld days (setting dkim.retire_days); wait, or give --now",
		   row->selector, row->domain, row->state_since, days);
}

/* The keys that a retirement is about. */
struct retiring {
	size_t count;
	struct dkim_key_row *rows;
};

static void note_key(const struct dkim_key_row *row, struct retiring *retiring)
{
	struct dkim_key_row *rows =
	    realloc(retiring->rows, (retiring->count + 1) * sizeof(*retiring->rows));

	if (!rows)
		errx(1, "memory");
	rows[retiring->count++] = *row;
	retiring->rows = rows;
}

static void note_retiring(const struct dkim_key_row *row, void *context)
{
	if (row->state == DKIM_KEY_RETIRING)
		note_key(row, context);
}

static bool find_retiring(const struct ctl *ctl, struct db *db, struct retiring *retiring,
			  struct error *err)
{
	const char *domain = ctl_argument(ctl, 0), *selector = ctl_option(ctl, "--selector");
	struct dkim_key_row row;

	if (selector) {
		if (!dkim_key_rows_get(db, domain, selector, &row, err))
			return false;
		note_key(&row, retiring);
		return true;
	}
	if (!dkim_key_rows_list(db, domain, note_retiring, retiring, err))
		return false;
	return retiring->count > 0 ||
	       error_set(err,
			 "domain: %s has no retiring DKIM key; --selector names an active one "
			 "that is to sign no more",
			 domain);
}

/* Finds the keys; without --now those that retire have to be old enough. */
static bool plan_retirement(struct ctl *ctl, struct db *db, struct error *err)
{
	struct retiring *retiring = ctl->context;

	if (!find_retiring(ctl, db, retiring, err))
		return false;
	for (size_t i = 0; i < retiring->count && !ctl_option(ctl, "--now"); i++) {
		const struct dkim_key_row *row = &retiring->rows[i];

		if (row->state == DKIM_KEY_RETIRING && !check_age(db, row, err))
			return false;
	}
	return true;
}

/* Without --now no mail may be queued that those which retire have signed. */
static bool check_queue(const struct ctl *ctl, const struct retiring *retiring, struct error *err)
{
	struct dkim_drain drain = {0};
	struct error why;

	for (size_t i = 0; i < retiring->count && !ctl_option(ctl, "--now"); i++) {
		const struct dkim_key_row *row = &retiring->rows[i];

		if (row->state == DKIM_KEY_RETIRING &&
		    dkim_drain_ask(ctl, &drain, row, &why) != DKIM_QUEUE_DRAINED)
			return error_set(
			    err, "DKIM key %s of %s stays retiring: %.300s; wait, or give --now",
			    row->selector, row->domain, why.text);
	}
	return true;
}

/* One step each: an active key signs no more, a retiring one loses its private part. */
static bool retire(struct ctl *ctl, struct db *db, struct error *err)
{
	const struct retiring *retiring = ctl->context;

	for (size_t i = 0; i < retiring->count; i++) {
		const struct dkim_key_row *row = &retiring->rows[i];
		enum dkim_key_state to =
		    row->state == DKIM_KEY_ACTIVE ? DKIM_KEY_RETIRING : DKIM_KEY_RETIRED;

		if (!dkim_change_state(db, row, to, err))
			return false;
	}
	return true;
}

static bool retire_and_say(struct ctl *ctl, struct retiring *retiring, struct error *err)
{
	ctl->context = retiring;
	if (!ctl_read(ctl, plan_retirement, err) || !check_queue(ctl, retiring, err) ||
	    !ctl_change(ctl, retire, err))
		return false;
	if (retiring->rows[0].state == DKIM_KEY_ACTIVE)
		output_done(ctl, "dkim key %s of %s: signs no more; its record has to stay",
			    retiring->rows[0].selector, retiring->rows[0].domain);
	else
		output_done(ctl, "domain %s: %zu DKIM %s retired; delete the record%s from DNS",
			    retiring->rows[0].domain, retiring->count,
			    retiring->count == 1 ? "key" : "keys", retiring->count == 1 ? "" : "s");
	return true;
}

bool ctl_dkim_retire(struct ctl *ctl, struct error *err)
{
	struct retiring retiring = {0};
	bool done = retire_and_say(ctl, &retiring, err);

	free(retiring.rows);
	return done;
}

static bool delete (struct ctl *ctl, struct db *db, struct error *err)
{
	struct dkim_key_row row;

	return dkim_key_rows_get(db, ctl_argument(ctl, 0), ctl_argument(ctl, 1), &row, err) &&
	       dkim_key_rows_delete(db, &row, err);
}

bool ctl_dkim_delete(struct ctl *ctl, struct error *err)
{
	if (!ctl_change(ctl, delete, err))
		return false;
	output_done(ctl, "dkim key %s of %s: deleted", ctl_argument(ctl, 1), ctl_argument(ctl, 0));
	return true;
}
