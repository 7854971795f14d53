/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that reads, and the pipe that its report comes back through. */
#include "services/bounce/jailed.h"
#include "services/bounce/syscalls.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 10 /* of processor time */
#define MEMORY \
	((rlim_t)256 << 20) /* of address space; none is set under a sanitizer, which needs more */

static void limit(int resource, rlim_t value)
{
	struct rlimit limits = {value, value};

	/* Less than there was is always allowed; what cannot be set leaves the process as it was. */
	(void)setrlimit(resource, &limits);
}

static void confine(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NPROC, 0);
	limit(RLIMIT_CPU, SECONDS);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	limit(RLIMIT_AS, MEMORY);
	/* Where there is no such filter the other limits are all there is. */
	(void)syscalls_confine();
#endif
}

static bool write_all(int fd, const void *data, size_t length)
{
	const char *at = data;

	while (length > 0) {
		ssize_t done = write(fd, at, length);

		if (done <= 0)
			return false;
		at += done;
		length -= (size_t)done;
	}
	return true;
}

static bool read_all(int fd, void *data, size_t length)
{
	char *at = data;

	while (length > 0) {
		ssize_t done = read(fd, at, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		length -= (size_t)done;
	}
	return true;
}

static void __attribute__((noreturn)) child(int out, const void *octets, size_t length)
{
	static struct bounce_report report;

	confine();
	bounce_read(octets, length, &report);
	_exit(write_all(out, &report, sizeof(report)) ? 0 : 1);
}

/* A report that makes sense, from a process that a stranger's mail may have taken over. */
static bool is_sound(const struct bounce_report *report)
{
	bool ends = memchr(report->from, '\0', sizeof(report->from)) != NULL &&
		    memchr(report->subject, '\0', sizeof(report->subject)) != NULL &&
		    memchr(report->body, '\0', sizeof(report->body)) != NULL &&
		    memchr(report->returned_path, '\0', sizeof(report->returned_path)) != NULL &&
		    memchr(report->returned_to, '\0', sizeof(report->returned_to)) != NULL &&
		    memchr(report->returned_id, '\0', sizeof(report->returned_id)) != NULL;

	if (!ends || report->count > BOUNCE_RECIPIENTS_MAX || report->kind > BOUNCE_AUTO_REPLY)
		return false;
	for (size_t i = 0; i < report->count; i++) {
		const struct bounce_recipient *recipient = &report->recipients[i];

		if (memchr(recipient->address, '\0', sizeof(recipient->address)) == NULL ||
		    memchr(recipient->status, '\0', sizeof(recipient->status)) == NULL ||
		    memchr(recipient->text, '\0', sizeof(recipient->text)) == NULL ||
		    recipient->action > BOUNCE_DELIVERED)
			return false;
	}
	return true;
}

static bool await(pid_t pid, int in, struct bounce_report *report_r, struct error *err)
{
	bool whole = read_all(in, report_r, sizeof(*report_r));
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return error_set(err, "waitpid: %s", strerror(errno));
	}
	if (WIFSIGNALED(status))
		return error_set(err, "the mail ended its reader by signal %d", WTERMSIG(status));
	return (whole && WEXITSTATUS(status) == 0 && is_sound(report_r)) ||
	       error_set(err, "the mail's reader gave no report");
}

bool jailed_bounce_read(const void *octets, size_t length, struct bounce_report *report_r,
			struct error *err)
{
	int ends[2];
	pid_t pid;
	bool done;

	if (pipe(ends) != 0)
		return error_set(err, "pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		child(ends[1], octets, length);
	}
	close(ends[1]);
	done = pid > 0 ? await(pid, ends[0], report_r, err)
		       : error_set(err, "fork: %s", strerror(errno));
	close(ends[0]);
	return done;
}
