/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl egress up, warm, drain and down: who carries the mail now. */
#include "common/egress_ips.h"
#include "ctl/audit.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/postfix_rebind.h"
#include <stdlib.h>

static bool set_state(struct ctl *ctl, struct db *db, enum egress_state state, struct error *err)
{
	const char *reason = ctl_option(ctl, "--reason");
	struct egress_ip_row *before = ctl->context;

	if (egress_ips_find(db, ctl_argument(ctl, 0), before, err) == FOUND_ERROR)
		return false;
	return egress_ips_set_state(db, ctl_argument(ctl, 0), state, reason ? reason : "", err);
}

static void note(const struct ctl *ctl, const struct egress_ip_row *before, enum egress_state state)
{
	const char *reason = ctl_option(ctl, "--reason");

	audit_note(ctl, &(struct journal_audit){.kind = "egress",
						.subject = before->address,
						.old_state = egress_state_name(before->ip.state),
						.new_state = egress_state_name(state),
						.reason = reason ? reason : ""});
}

static bool up(struct ctl *ctl, struct db *db, struct error *err)
{
	return set_state(ctl, db, EGRESS_ACTIVE, err);
}

static bool warm(struct ctl *ctl, struct db *db, struct error *err)
{
	return set_state(ctl, db, EGRESS_WARMING, err);
}

static bool drain(struct ctl *ctl, struct db *db, struct error *err)
{
	return set_state(ctl, db, EGRESS_DRAINING, err);
}

static bool down(struct ctl *ctl, struct db *db, struct error *err)
{
	return set_state(ctl, db, EGRESS_DOWN, err);
}

/* The state is committed by now: mapd follows it by itself, the groups' own transports are moved here. */
static bool change(struct ctl *ctl, ctl_transaction *body, enum egress_state state,
		   const char *became, struct error *err)
{
	const char *address = ctl_argument(ctl, 0);
	struct egress_ip_row *before = calloc(1, sizeof(*before));
	bool done;

	if (!before)
		return error_set(err, "out of memory");
	ctl->context = before;
	done = ctl_change(ctl, body, err);
	if (done)
		note(ctl, before, state);
	free(before);
	if (!done)
		return false;
	switch (postfix_rebind(ctl, err)) {
	case REBIND_DONE:
		output_done(ctl, "egress address %s: %s", address, became);
		return true;
	case REBIND_NOT_SET_UP:
		output_done(ctl,
			    "egress address %s: %s; Postfix is not set up yet, see `easymailctl "
			    "postfix apply`",
			    address, became);
		return true;
	case REBIND_NOT_ALLOWED:
		return error_set(err,
				 "egress address %s: %s, but mail of the group's own transport is "
				 "not moved: this user may not "
				 "change Postfix; run `easymailctl postfix rebind` as root",
				 address, became);
	case REBIND_FAILED:
		break;
	}
	return error_prefix(err,
			    "egress address %s: %s, but mail of the group's own transport is not "
			    "moved; run `easymailctl "
			    "postfix rebind` when this is mended: ",
			    address, became);
}

bool ctl_egress_up(struct ctl *ctl, struct error *err)
{
	return change(ctl, up, EGRESS_ACTIVE, "up", err);
}

bool ctl_egress_warm(struct ctl *ctl, struct error *err)
{
	return change(ctl, warm, EGRESS_WARMING, "warming", err);
}

bool ctl_egress_drain(struct ctl *ctl, struct error *err)
{
	return change(ctl, drain, EGRESS_DRAINING, "draining", err);
}

bool ctl_egress_down(struct ctl *ctl, struct error *err)
{
	return change(ctl, down, EGRESS_DOWN, "down", err);
}
