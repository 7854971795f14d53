/* SPDX-License-Identifier: BSD-2-Clause */
/* One octet asks, one octet answers. */
#include "services/monitor/helper.h"
#include "common/clock.h"
#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRY_MS 30000
#define DONE     'd'
#define FAILED   'f'

struct helper {
	int fd;
	pid_t pid;
	bool asked; /* not sent yet */
	bool busy;  /* sent, not answered */
	bool failing;
	int64_t not_before_ms;
};

/* Runs the command to its end; its words go to our log. */
static char run(const char *const *words)
{
	char *const *argv;
	int status;
	pid_t pid = fork();

	memcpy(&argv, &words, sizeof(argv)); /* execvp does not write to them */
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? DONE : FAILED;
}

/* The helper's life. Signals that end the monitor do not end a deed half done; the socket's end does. */
static void live(int fd, const char *const *words)
{
	char octet;

	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	while (read(fd, &octet, 1) == 1) {
		octet = run(words);
		if (write(fd, &octet, 1) != 1)
			break;
	}
	_exit(0);
}

bool helper_new(const char *easymailctl, const char *config_path, struct helper **helper_r,
		struct error *err)
{
	const char *const words[] = {easymailctl, "-c", config_path, "postfix", "rebind", NULL};
	struct helper *helper = calloc(1, sizeof(*helper));
	int fds[2];

	if (helper == NULL)
		abort();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
		free(helper);
		return error_set(err, "helper: %s", strerror(errno));
	}
	helper->fd = fds[0];
	helper->pid = fork();
	if (helper->pid == 0) {
		close(fds[0]);
		live(fds[1], words);
	}
	close(fds[1]);
	*helper_r = helper;
	if (helper->pid < 0)
		return error_set(err, "helper: %s", strerror(errno));
	return fcntl(helper->fd, F_SETFL, O_NONBLOCK) == 0 ||
	       error_set(err, "helper: %s", strerror(errno));
}

void helper_free(struct helper *helper)
{
	if (helper == NULL)
		return;
	close(helper->fd);
	if (helper->pid > 0)
		waitpid(helper->pid, NULL, 0);
	free(helper);
}

void helper_ask(struct helper *helper)
{
	helper->asked = true;
	helper->not_before_ms = 0;
}

static void hear(struct helper *helper)
{
	char octet;

	if (read(helper->fd, &octet, 1) != 1)
		return;
	helper->busy = false;
	if (octet == DONE) {
		if (helper->failing)
			log_info("null senders' mail can be moved again");
		helper->failing = false;
		return;
	}
	if (!helper->failing)
		log_alarm("null senders' mail is not moved: `postfix rebind` fails; tried again "
			  "every %d s",
			  RETRY_MS / 1000);
	helper->failing = true;
	helper->asked = true;
	helper->not_before_ms = clock_ms() + RETRY_MS;
}

void helper_turn(struct helper *helper)
{
	if (helper->busy)
		hear(helper);
	if (!helper->asked || helper->busy || clock_ms() < helper->not_before_ms)
		return;
	helper->busy = write(helper->fd, "r", 1) == 1;
	helper->asked = !helper->busy;
}
