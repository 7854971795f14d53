/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories of dead workers, with all that is in them. */
#include "services/scanner/leftovers.h"
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

#define OPEN_DIRECTORIES 16

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	(void)remove(path); /* what stays is tried again with the next worker that ends */
	return 0;
}

void leftovers_remove(const char *directory)
{
	DIR *listing = opendir(directory);
	struct dirent *entry;
	char path[PATH_MAX];
	int pid;

	if (listing == NULL)
		return;
	while ((entry = readdir(listing)) != NULL) {
		if (sscanf(entry->d_name, "worker-%d", &pid) != 1 || pid <= 0 ||
		    kill(pid, 0) == 0 || errno != ESRCH)
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		(void)nftw(path, remove_one, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS);
	}
	closedir(listing);
}
