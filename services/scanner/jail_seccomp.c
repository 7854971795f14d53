/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls a worker may make, through libseccomp. Any other ends it: an error instead would let
 * libclamav go on and call clean what it could not look into.
 */
#include "services/scanner/jail.h"
#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>

#define ALLOW(name) SCMP_SYS(name)

static const int allowed[] = {
    /* memory */
    ALLOW(brk),
    ALLOW(mmap),
    ALLOW(munmap),
    ALLOW(mremap),
    ALLOW(mprotect),
    ALLOW(madvise),
    /* files, as far as mount namespace and Landlock let them */
    ALLOW(open),
    ALLOW(openat),
    ALLOW(close),
    ALLOW(read),
    ALLOW(pread64),
    ALLOW(readv),
    ALLOW(write),
    ALLOW(pwrite64),
    ALLOW(writev),
    ALLOW(lseek),
    ALLOW(ftruncate),
    ALLOW(fstat),
    ALLOW(stat),
    ALLOW(lstat),
    ALLOW(newfstatat),
    ALLOW(statx),
    ALLOW(statfs),
    ALLOW(fstatfs),
    ALLOW(access),
    ALLOW(faccessat),
    ALLOW(faccessat2),
    ALLOW(mkdir),
    ALLOW(rmdir),
    ALLOW(unlink),
    ALLOW(unlinkat),
    ALLOW(rename),
    ALLOW(chmod),
    ALLOW(fchmod),
    ALLOW(umask),
    ALLOW(getdents64),
    ALLOW(readlink),
    ALLOW(getcwd),
    ALLOW(dup),
    ALLOW(dup2),
    ALLOW(dup3),
    ALLOW(fcntl),
    ALLOW(fsync),
    ALLOW(fadvise64),
    /* the message's facts */
    ALLOW(memfd_create),
    /* the socket it got its message from */
    ALLOW(recvmsg),
    ALLOW(sendmsg),
    ALLOW(poll),
    /* time, chance, itself */
    ALLOW(clock_gettime),
    ALLOW(gettimeofday),
    ALLOW(time),
    ALLOW(times),
    ALLOW(clock_nanosleep),
    ALLOW(nanosleep),
    ALLOW(getrandom),
    ALLOW(getpid),
    ALLOW(gettid),
    ALLOW(getuid),
    ALLOW(geteuid),
    ALLOW(getgid),
    ALLOW(getegid),
    ALLOW(getrusage),
    ALLOW(sysinfo),
    ALLOW(uname),
    ALLOW(setrlimit),
    ALLOW(sched_yield),
    ALLOW(sched_getaffinity),
    ALLOW(futex),
    ALLOW(rt_sigaction),
    ALLOW(rt_sigprocmask),
    ALLOW(rt_sigreturn),
    ALLOW(sigaltstack),
    ALLOW(exit),
    ALLOW(exit_group),
    ALLOW(restart_syscall),
    /* threads of the image decoder: the calls that set one up */
    ALLOW(set_robust_list),
    ALLOW(rseq),
    ALLOW(membarrier),
};

/* Threads yes, processes no; glibc tries clone3 first, whose flags a filter cannot see. */
static int add_threads(scmp_filter_ctx filter)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	if (rc != 0)
		return rc;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

/* prlimit64 is what setrlimit(3) becomes: of itself only. Signals likewise; abort(3) sends one. */
static int add_own(scmp_filter_ctx filter, int pid)
{
	int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
				  SCMP_A0(SCMP_CMP_EQ, 0));

	if (rc != 0)
		return rc;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)pid));
}

static int build(scmp_filter_ctx filter, int pid)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (rc == 0)
		rc = add_threads(filter);
	if (rc == 0)
		rc = add_own(filter, pid);
	return rc == 0 ? seccomp_load(filter) : rc;
}

bool jail_seccomp(int own_pid, struct error *err)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc;

	if (filter == NULL)
		return error_set(err, "worker: seccomp: out of memory");
	rc = build(filter, own_pid);
	seccomp_release(filter);
	return rc == 0 || error_set(err, "worker: seccomp: %s", strerror(-rc));
}
