/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs this, and what was changed. */
#include "ctl/audit.h"
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The user behind sudo(8), if any. */
static void make_actor(char *actor_r, size_t size)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *user = getpwuid(getuid());

	if (sudo != NULL && sudo[0] != '\0' && getuid() == 0)
		snprintf(actor_r, size, "easymailctl (%.60s)", sudo);
	else if (user != NULL)
		snprintf(actor_r, size, "easymailctl (%.60s)", user->pw_name);
	else
		snprintf(actor_r, size, "easymailctl (%u)", (unsigned)getuid());
}

void audit_note(const struct ctl *ctl, const struct journal_audit *audit)
{
	struct journal_audit complete = *audit;
	struct error err;
	char actor[80];

	make_actor(actor, sizeof(actor));
	complete.actor = actor;
	complete.at = time(NULL);
	if (!journal_note(config_text(ctl->config, "journal"),
			  (int)config_number(ctl->config, "database.busy_timeout"), &complete, 1,
			  &err))
		fprintf(stderr, "easymailctl: the change is not in the journal: %s\n", err.text);
}
