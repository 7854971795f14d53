/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that reads strangers' mail: what it finds out comes back, and its end is nobody else's. */
#include "services/bounce/jailed.h"
#include "services/bounce/syscalls.h"
#include "tests/unit/unit.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_CAN_BE_LIMITED 0
#else
#define MEMORY_CAN_BE_LIMITED 1
#endif

static struct bounce_report report;
static const char mail[] = "From: MAILER-DAEMON@x.example\nSubject: failure notice\n\n"
			   "<jane@dest.example>:\n550 5.1.1 no such user\n";

START_TEST(a_report_comes_back_whole)
{
	struct error err;

	ck_assert_msg(jailed_bounce_read(mail, sizeof(mail) - 1, &report, &err), "%s", err.text);
	ck_assert_int_eq(report.kind, BOUNCE_REPORT);
	ck_assert_uint_eq(report.count, 1);
	ck_assert_str_eq(report.recipients[0].address, "jane@dest.example");
	ck_assert_str_eq(report.recipients[0].status, "5.1.1");
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* nothing is left running */
}
END_TEST

/* What a reader may ask of the kernel when a mail has taken it over: 0, or the number of the wish that was granted. */
static int ask_for_everything(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !syscalls_confine())
		return 100;
	if (open("/etc/passwd", O_RDONLY) >= 0)
		return 1;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return 2;
	if (fork() >= 0)
		return 3;
	if (kill(getppid(), 0) == 0)
		return 4;
	return unlink("/tmp/none") == 0 || errno != EPERM ? 5 : 0;
}

START_TEST(a_reader_that_was_taken_over_gets_nothing)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(ask_for_everything());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status), "status %d", status);
	if (MEMORY_CAN_BE_LIMITED)
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* As a mail does that takes more than the reader may have. */
static void leave_no_memory(void)
{
	struct rlimit limit;
	unsigned long pages;
	FILE *file = fopen("/proc/self/statm", "re");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fscanf(file, "%lu", &pages), 1);
	fclose(file);
	limit.rlim_cur = limit.rlim_max = pages * (rlim_t)sysconf(_SC_PAGESIZE);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

START_TEST(a_reader_without_memory_ends_alone)
{
	static char large[200000];
	struct error err;

	if (!MEMORY_CAN_BE_LIMITED)
		return;
	memset(large, 'x', sizeof(large));
	memcpy(large, mail, sizeof(mail) - 1);
	leave_no_memory();
	ck_assert(!jailed_bounce_read(large, sizeof(large), &report, &err));
	ck_assert_msg(strstr(err.text, "reader") != NULL, "%s", err.text);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

UNIT_MAIN("bounce_reader", a_report_comes_back_whole, a_reader_that_was_taken_over_gets_nothing,
	  a_reader_without_memory_ends_alone)
