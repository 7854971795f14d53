/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl dkim activate: keys begin to sign once the world can see their records. */
#include "ctl/dkim_change.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/resolver.h"

/* A domain has one pending key of each algorithm. */
struct waiting {
	size_t count;
	struct dkim_key_row rows[DKIM_KEYS_ACTIVE_MAX];
};

static void note_pending(const struct dkim_key_row *row, void *context)
{
	struct waiting *waiting = context;

	if (row->state == DKIM_KEY_PENDING && waiting->count < DKIM_KEYS_ACTIVE_MAX)
		waiting->rows[waiting->count++] = *row;
}

static bool find_waiting(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *domain = ctl_argument(ctl, 0), *selector = ctl_option(ctl, "--selector");
	struct waiting *waiting = ctl->context;

	if (selector) {
		waiting->count = 1;
		return dkim_key_rows_get(db, domain, selector, &waiting->rows[0], err);
	}
	if (!dkim_key_rows_list(db, domain, note_pending, waiting, err))
		return false;
	return waiting->count > 0 ||
	       error_set(
		   err,
		   "domain: %s has no pending DKIM key; `easymailctl dkim list` shows its keys",
		   domain);
}

static bool check_published(struct dns *dns, const struct waiting *waiting, struct error *err)
{
	for (size_t i = 0; i < waiting->count; i++) {
		const struct dkim_key_row *row = &waiting->rows[i];
		struct dkim_seen seen;

		dkim_record_look(dns, row, &seen);
		if (seen.sight != DKIM_SIGHT_PUBLISHED)
			return error_set(
			    err,
			    "DKIM key %s of %s stays %s: %.300s; `easymailctl dkim record` "
			    "shows what to publish",
			    row->selector, row->domain, dkim_key_state_name(row->state),
			    seen.detail);
	}
	return true;
}

static bool activate(struct ctl *ctl, struct db *db, struct error *err)
{
	const struct waiting *waiting = ctl->context;

	for (size_t i = 0; i < waiting->count; i++) {
		if (!dkim_change_state(db, &waiting->rows[i], DKIM_KEY_ACTIVE, err))
			return false;
	}
	return true;
}

static bool activate_seen(struct ctl *ctl, struct waiting *waiting, struct error *err)
{
	struct dns *dns;
	bool published;

	ctl->context = waiting;
	if (!ctl_read(ctl, find_waiting, err) || !resolver_new(ctl, &dns, err))
		return false;
	published = check_published(dns, waiting, err);
	dns_free(dns);
	return published && ctl_change(ctl, activate, err);
}

bool ctl_dkim_activate(struct ctl *ctl, struct error *err)
{
	struct waiting waiting = {0};

	if (!activate_seen(ctl, &waiting, err))
		return false;
	if (waiting.count == 1)
		output_done(ctl, "dkim key %s of %s: active", waiting.rows[0].selector,
			    waiting.rows[0].domain);
	else
		output_done(ctl, "dkim keys %s and %s of %s: active", waiting.rows[0].selector,
			    waiting.rows[1].selector, waiting.rows[0].domain);
	return true;
}
