/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Landlock (landlock(7)): no file but those under one directory. The header of Linux 6.1 lacks what
 * later kernels can refuse, so the numbers of the system calls' contract stand here.
 */
#include "services/scanner/jail.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FS_RIGHTS_ABI1 0x1fffULL /* execute … make_sym */
#define FS_REFER       (1ULL << 13)
#define FS_TRUNCATE    (1ULL << 14)
#define FS_IOCTL_DEV   (1ULL << 15)
#define NET_TCP        0x3ULL /* bind, connect */
#define SCOPE_ALL      0x3ULL /* abstract Unix sockets, signals */

/* struct landlock_ruleset_attr as of ABI 6; older kernels are given its beginning. */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scope;
};

static size_t ruleset_for(long abi, struct ruleset *ruleset_r)
{
	*ruleset_r = (struct ruleset){.fs = FS_RIGHTS_ABI1};
	if (abi >= 2)
		ruleset_r->fs |= FS_REFER;
	if (abi >= 3)
		ruleset_r->fs |= FS_TRUNCATE;
	if (abi >= 4)
		ruleset_r->net = NET_TCP;
	if (abi >= 5)
		ruleset_r->fs |= FS_IOCTL_DEV;
	if (abi >= 6)
		ruleset_r->scope = SCOPE_ALL;
	if (abi < 4)
		return sizeof(uint64_t);
	return abi < 6 ? 2 * sizeof(uint64_t) : 3 * sizeof(uint64_t);
}

/* What is done in the directory: files and directories made, read, written, renamed and removed. */
static uint64_t rights_below(long abi)
{
	uint64_t rights = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
			  LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR |
			  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
			  LANDLOCK_ACCESS_FS_MAKE_REG;

	return abi >= 3 ? rights | FS_REFER | FS_TRUNCATE : abi == 2 ? rights | FS_REFER : rights;
}

static bool allow(int ruleset_fd, const char *directory, long abi)
{
	struct landlock_path_beneath_attr below = {.allowed_access = rights_below(abi)};
	bool added;

	below.parent_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (below.parent_fd < 0)
		return false;
	added =
	    syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0;
	close(below.parent_fd);
	return added;
}

bool jail_landlock(const char *directory, struct error *err)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset ruleset;
	bool done;
	int fd;

	if (abi < 1)
		return error_set(err, "the kernel has no Landlock: %s", strerror(errno));
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, ruleset_for(abi, &ruleset), 0);
	if (fd < 0)
		return error_set(err, "Landlock: %s", strerror(errno));
	done = allow(fd, directory, abi) && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	close(fd);
	return done || error_set(err, "Landlock: %s: %s", directory, strerror(errno));
}
