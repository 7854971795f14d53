/* SPDX-License-Identifier: BSD-2-Clause */
/* setuid(2) and its kin, in the only order that works. */
#include "common/privileges.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

bool privileges_drop(const char *option, const char *user, struct error *err)
{
	const struct passwd *entry;

	if (geteuid() != 0)
		return true;
	entry = getpwnam(user);
	if (entry == NULL)
		return error_set(err, "%s: there is no user \"%s\"", option, user);
	if (entry->pw_uid == 0)
		return error_set(err, "%s: \"%s\" is root; name a user without rights", option,
				 user);
	if (setgroups(0, NULL) != 0 ||
	    setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
	    setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0)
		return error_set(err, "cannot become \"%s\": %s", user, strerror(errno));
	return true;
}
