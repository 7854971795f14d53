/* SPDX-License-Identifier: BSD-2-Clause */
/* What the journal's tallies say of the IPs: refusals by receivers, and how much a warming IP has delivered today. */
#ifndef EASYMAIL_MONITOR_TALLIES_H
#define EASYMAIL_MONITOR_TALLIES_H

#include "services/monitor/looks.h"

struct tallies;
struct tallies *tallies_new(void);
void tallies_free(struct tallies *tallies); /* takes NULL */

/* A look at receivers' refusals, when one is due: once in an interval. A journal that cannot be read says nothing. */
void tallies_refusals(struct tallies *tallies, const struct looks *looks, struct fleet *fleet)
    __attribute__((nonnull));

/* Whether warming IPs have used up what they may deliver today, when it is time to count: `spent` is written where it
 * has changed, which *changed_r tells. False: not written. */
bool tallies_allowances(struct tallies *tallies, const struct monitor_settings *settings,
			const struct fleet *fleet, bool *changed_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));

#endif
