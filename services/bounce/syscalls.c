/* SPDX-License-Identifier: BSD-2-Clause */
/* A filter of system calls, seccomp(2), written by hand: it is a list of numbers. */
#include "services/bounce/syscalls.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#define ARCHITECTURE 0
#endif

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define ANSWER(answer) BPF_STMT(BPF_RET | BPF_K, (answer))
#define ALLOW(number) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(number), 0, 1), ANSWER(SECCOMP_RET_ALLOW)

bool syscalls_confine(void)
{
	/* The last two rows are what abort(3) needs; numbers of another ABI are none of these. */
	struct sock_filter rules[] = {
	    LOAD(arch),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
	    ANSWER(SECCOMP_RET_KILL_PROCESS),
	    LOAD(nr),
	    ALLOW(SYS_read),
	    ALLOW(SYS_write),
	    ALLOW(SYS_close),
	    ALLOW(SYS_brk),
	    ALLOW(SYS_mmap),
	    ALLOW(SYS_munmap),
	    ALLOW(SYS_mremap),
	    ALLOW(SYS_madvise),
	    ALLOW(SYS_futex),
	    ALLOW(SYS_getrandom),
	    ALLOW(SYS_clock_gettime),
	    ALLOW(SYS_exit_group),
	    ALLOW(SYS_rt_sigaction),
	    ALLOW(SYS_rt_sigprocmask),
	    ALLOW(SYS_rt_sigreturn),
	    ALLOW(SYS_getpid),
	    ALLOW(SYS_gettid),
	    ALLOW(SYS_tgkill),
	    ANSWER(SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};

	return ARCHITECTURE != 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
