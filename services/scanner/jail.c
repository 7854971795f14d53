/* SPDX-License-Identifier: BSD-2-Clause */
/* Namespaces, limits and privileges of a worker. */
#include "services/scanner/jail.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPEN_FILES  256
#define TEMP_INODES 32768

static bool failed(struct error *err, const char *what)
{
	return error_set(err, "worker: %s: %s", what, strerror(errno));
}

static bool write_file(const char *path, const char *text, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool written = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (!written)
		failed(err, path);
	if (fd >= 0)
		close(fd);
	return written;
}

/* The same user inside as outside. Without setgroups(2) a group may be mapped (user_namespaces(7)). */
static bool map_user(uid_t uid, gid_t gid, struct error *err)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof(uids), "%u %u 1", uid, uid);
	snprintf(gids, sizeof(gids), "%u %u 1", gid, gid);
	return write_file("/proc/self/uid_map", uids, err) &&
	       write_file("/proc/self/setgroups", "deny", err) &&
	       write_file("/proc/self/gid_map", gids, err);
}

static bool enter_namespaces(struct error *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
		return failed(err, "unshare");
	return map_user(uid, gid, err);
}

/* A tmpfs of our own becomes the root; what was there is gone. */
static bool enter_tmpfs(const struct jail_settings *settings, struct error *err)
{
	char options[128];

	snprintf(options, sizeof(options), "size=%llu,nr_inodes=%d,mode=0700",
		 (unsigned long long)settings->temp_bytes, TEMP_INODES);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return failed(err, "mount private");
	if (mount("easymail", "/tmp", "tmpfs", MS_NODEV | MS_NOSUID | MS_NOEXEC, options) != 0)
		return failed(err, "mount tmpfs");
	/* pivot_root(2): the old root lands on top of the new one, and is then taken away */
	if (chdir("/tmp") != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
	    umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
		return failed(err, "pivot_root");
	return mkdir("/tmp", 0700) == 0 || failed(err, "mkdir /tmp");
}

/* In a child of its own first: a process that is half inside could not go back. */
static bool namespaces_work(const struct jail_settings *settings)
{
	struct error err;
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(enter_namespaces(&err) && enter_tmpfs(settings, &err) ? 0 : 1);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool make_directory(const struct jail_settings *settings, char temp_r[JAIL_TEMP_SIZE],
			   struct error *err)
{
	snprintf(temp_r, JAIL_TEMP_SIZE, "%s/worker-%d", settings->temp_directory, getpid());
	if (mkdir(temp_r, 0700) != 0)
		return failed(err, temp_r);
	return chdir(temp_r) == 0 || failed(err, temp_r);
}

static bool enter_place(const struct jail_settings *settings, char temp_r[JAIL_TEMP_SIZE],
			uint32_t *features_r, struct error *err)
{
	if (settings->namespaces == JAIL_NAMESPACES_OFF ||
	    (settings->namespaces == JAIL_NAMESPACES_AUTO && !namespaces_work(settings)))
		return make_directory(settings, temp_r, err);
	if (!enter_namespaces(err) || !enter_tmpfs(settings, err))
		return false;
	snprintf(temp_r, JAIL_TEMP_SIZE, "/tmp");
	*features_r |= JAIL_OWN_TMPFS | JAIL_NO_NETWORK;
	return true;
}

static bool limit(int resource, uint64_t value, struct error *err)
{
	struct rlimit both = {value, value};

	return setrlimit((__rlimit_resource_t)resource, &both) == 0 || failed(err, "setrlimit");
}

/* Octets of address space now, the first number of /proc/self/statm, in pages. */
static bool address_space(uint64_t *bytes_r, struct error *err)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long long pages = 0;
	bool read = file != NULL && fscanf(file, "%llu", &pages) == 1;

	if (file != NULL)
		fclose(file);
	*bytes_r = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return read || error_set(err, "worker: cannot read /proc/self/statm");
}

static bool set_limits(const struct jail_settings *settings, uint64_t mapped, struct error *err)
{
	return limit(RLIMIT_AS, mapped + settings->memory_bytes, err) &&
	       limit(RLIMIT_FSIZE, settings->temp_bytes, err) && limit(RLIMIT_CORE, 0, err) &&
	       limit(RLIMIT_NOFILE, OPEN_FILES, err);
}

static bool drop_privileges(struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct none[2] = {{0}};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return failed(err, "no_new_privs");
	if (syscall(SYS_capset, &header, none) != 0)
		return failed(err, "capset");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return failed(err, "prctl");
	return true;
}

/* Leaves standard error, and closes everything else but keep_fd. */
static bool close_others(int keep_fd, struct error *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return failed(err, "/dev/null");
	if ((keep_fd > 3 && close_range(3, (unsigned)keep_fd - 1, 0) != 0) ||
	    close_range((unsigned)keep_fd + 1, ~0u, 0) != 0)
		return failed(err, "close_range");
	return true;
}

bool jail_enter(const struct jail_settings *settings, int keep_fd, char temp_r[JAIL_TEMP_SIZE],
		uint32_t *features_r, struct error *err)
{
	struct error ignored;
	uint64_t mapped;

	*features_r = 0;
	if (!address_space(&mapped, err) || !close_others(keep_fd, err) ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 || /* /proc/self is to be ours for uid_map */
	    !enter_place(settings, temp_r, features_r, err) || !drop_privileges(err))
		return false;
	if (jail_landlock(temp_r, &ignored))
		*features_r |= JAIL_LANDLOCK;
	if (!set_limits(settings, mapped, err) || !jail_seccomp(getpid(), err))
		return false;
	*features_r |= JAIL_NO_CAPS | JAIL_LIMITS | JAIL_SECCOMP;
	return true;
}

void jail_grant_cpu(unsigned seconds)
{
	struct rlimit cpu = {.rlim_max = RLIM_INFINITY};
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) != 0)
		return;
	cpu.rlim_cur = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1 + seconds;
	(void)setrlimit(RLIMIT_CPU, &cpu);
}
