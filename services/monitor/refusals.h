/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether receivers refuse one address for its reputation and not the others of its group: a pure function. */
#ifndef EASYMAIL_MONITOR_REFUSALS_H
#define EASYMAIL_MONITOR_REFUSALS_H

#include "services/monitor/evidence.h"

/* Replies within the window, of one receiving domain or of all together. */
struct refusal_tally {
	int64_t refused; /* for reputation */
	int64_t replies; /* all, those too */
};

/*
 * SIGHT_BAD: at least `least` refusals, a fifth of all replies or more, and five times the share that the others of
 * the group have; they must have had `least` replies. SIGHT_WELL: no such surge, out of `least` replies or more;
 * or no reply at all while the address is kept from sending for refusals, so that it is tried again in the end.
 * Else SIGHT_UNKNOWN: too little mail, or nobody to compare with.
 */
enum sight refusals_judge(const struct refusal_tally *own, const struct refusal_tally *others,
			  int64_t least, bool kept_from_sending) __attribute__((nonnull));

#endif
