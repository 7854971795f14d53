/* SPDX-License-Identifier: BSD-2-Clause */
/* The suppression list in `easymailctl status`: without it every recipient is answered 451. */
#include "common/suppression.h"
#include "ctl/status.h"

void status_suppression(struct ctl *ctl, struct status *status)
{
	struct suppressions *suppressions;
	struct error err;

	if (!suppressions_open(ctl->config, STORE_READ, &suppressions, &err)) {
		status_note(status, "suppression", false, "%s", err.text);
		return;
	}
	if (suppressions_begin(suppressions, &err))
		status_note(status, "suppression", true, "%s: can be read",
			    config_text(ctl->config, "suppression"));
	else
		status_note(status, "suppression", false, "%s", err.text);
	suppressions_close(suppressions);
}
