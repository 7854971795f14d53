/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares are compared as products, without rounding. */
#include "services/monitor/refusals.h"

#define SHARE_PARTS 5 /* a surge is one refusal in five replies */
#define TIMES       5 /* and five times the share of the others */

enum sight refusals_judge(const struct refusal_tally *own, const struct refusal_tally *others,
			  int64_t least, bool kept_from_sending)
{
	if (own->replies == 0)
		return kept_from_sending ? SIGHT_WELL : SIGHT_UNKNOWN;
	if (own->refused >= least && own->refused * SHARE_PARTS >= own->replies) {
		if (others->replies < least)
			return SIGHT_UNKNOWN;
		return own->refused * others->replies >= TIMES * others->refused * own->replies
			   ? SIGHT_BAD
			   : SIGHT_WELL;
	}
	return own->replies >= least || kept_from_sending ? SIGHT_WELL : SIGHT_UNKNOWN;
}
