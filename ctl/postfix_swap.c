/* SPDX-License-Identifier: BSD-2-Clause */
/* The table whose replacement makes smtp(8) start anew. */
#include "ctl/files.h"
#include "ctl/postfix_tables.h"
#include "ctl/run.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool postfix_tables_swap(const char *directory, struct error *err)
{
	char source[512], made[520], target[520], table[520];
	const char *const argv[] = {"postmap", "-c", directory, table, NULL};
	bool done;

	snprintf(source, sizeof(source), "%s/easymail/rebind.%ld", directory, (long)getpid());
	snprintf(made, sizeof(made), "%s.db", source);
	snprintf(table, sizeof(table), "hash:%s", source);
	snprintf(target, sizeof(target), "%s/easymail/rebind.db", directory);
	done = file_write(source, "", 0644, err) && run_checked(argv, NULL, err);
	if (done && rename(made, target) != 0)
		done = error_set(err, "%s: %s", target, strerror(errno));
	unlink(source);
	if (!done)
		unlink(made);
	return done;
}
