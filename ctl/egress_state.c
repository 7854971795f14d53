/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl egress up, drain and down: who carries the mail now. */
#include "common/egress_ips.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/postfix_rebind.h"

static bool set_state(struct ctl *ctl, struct db *db, enum egress_state state, struct error *err)
{
	const char *reason = ctl_option(ctl, "--reason");

	return egress_ips_set_state(db, ctl_argument(ctl, 0), state, reason ? reason : "", err);
}

static bool up(struct ctl *ctl, struct db *db, struct error *err)
{
	return set_state(ctl, db, EGRESS_ACTIVE, err);
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
static bool change(struct ctl *ctl, ctl_transaction *body, const char *became, struct error *err)
{
	const char *address = ctl_argument(ctl, 0);

	if (!ctl_change(ctl, body, err))
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
	return change(ctl, up, "up", err);
}

bool ctl_egress_drain(struct ctl *ctl, struct error *err)
{
	return change(ctl, drain, "draining", err);
}

bool ctl_egress_down(struct ctl *ctl, struct error *err)
{
	return change(ctl, down, "down", err);
}
