/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting a successor that inherits the sockets. */
#include "milters/chain/handover.h"
#include "milters/chain/memory.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_FD       3  /* SD_LISTEN_FDS_START */
#define FIRST_SPARE_FD 64 /* above all that the successor gets */
#define READY_VARIABLE "EASYMAIL_READY_FD"

/* What the successor is started from; written once, before there are threads. */
static struct {
	char program[4096];
	char **arguments;
} self;

/* All that the child needs between fork and exec, where only async-signal-safe functions may run. */
struct launch {
	int fds[HANDOVER_SOCKETS_MAX + 1]; /* the sockets, then the pipe that says "ready" */
	size_t count;
	char **environment;
	char *pid_digits; /* within the environment: LISTEN_PID's value, blank padded */
};

bool handover_prepare(char **arguments, struct error *err)
{
	ssize_t length = readlink("/proc/self/exe", self.program, sizeof(self.program) - 1);

	if (length < 0)
		return error_set(err, "/proc/self/exe: %s", strerror(errno));
	self.program[length] = '\0';
	self.arguments = arguments;
	return true;
}

static bool is_ours(const char *variable)
{
	return strncmp(variable, "LISTEN_", 7) == 0 ||
	       strncmp(variable, READY_VARIABLE "=", sizeof(READY_VARIABLE)) == 0;
}

static char *variable_new(const char *name, int value)
{
	char *text = memory_new(64, 1);

	snprintf(text, 64, "%s=%d", name, value);
	return text;
}

/* Ours go first, so that environment_free knows them. */
static void environment_new(struct launch *launch, int sockets)
{
	size_t count = 0;

	while (environ[count] != NULL)
		count++;
	launch->environment = memory_new(count + 4, sizeof(char *));
	launch->environment[0] = variable_new("LISTEN_FDS", sockets);
	launch->environment[1] = variable_new(READY_VARIABLE, FIRST_FD + sockets);
	launch->environment[2] = variable_new("LISTEN_PID", 0);
	launch->pid_digits = launch->environment[2] + sizeof("LISTEN_PID=") - 1;
	count = 3;
	for (char **variable = environ; *variable != NULL; variable++) {
		if (!is_ours(*variable))
			launch->environment[count++] = *variable;
	}
}

static void launch_free(struct launch *launch)
{
	for (size_t i = 0; i < launch->count; i++)
		close(launch->fds[i]);
	if (launch->environment != NULL) {
		for (size_t i = 0; i < 3; i++)
			free(launch->environment[i]);
	}
	free(launch->environment);
}

/* Copies the descriptors out of the way of those that the successor gets. */
static bool launch_prepare(struct launch *launch, const int *fds, size_t count, int ready_fd,
			   struct error *err)
{
	*launch = (struct launch){.count = 0};
	for (size_t i = 0; i <= count; i++) {
		int fd = fcntl(i < count ? fds[i] : ready_fd, F_DUPFD_CLOEXEC, FIRST_SPARE_FD);

		if (fd < 0) {
			launch_free(launch);
			return error_set(err, "cannot hand a descriptor on: %s", strerror(errno));
		}
		launch->fds[launch->count++] = fd;
	}
	environment_new(launch, (int)count);
	return true;
}

static void write_digits(char *out, pid_t pid)
{
	char digits[24];
	size_t count = 0;

	for (; pid > 0; pid /= 10)
		digits[count++] = (char)('0' + pid % 10);
	while (count > 0)
		*out++ = digits[--count];
	*out = '\0';
}

/* In the child. */
static void become_successor(const struct launch *launch)
{
	sigset_t none;

	for (size_t i = 0; i < launch->count; i++) {
		if (dup2(launch->fds[i], FIRST_FD + (int)i) < 0)
			_exit(127);
	}
	close_range((unsigned)(FIRST_FD + (int)launch->count), ~0u, 0);
	write_digits(launch->pid_digits, getpid());
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(self.program, self.arguments, launch->environment);
	_exit(127);
}

/* False: it ended, or said nothing in time. */
static bool wait_until_ready(int fd, int timeout_ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	char byte;
	int result;

	do
		result = poll(&wait, 1, timeout_ms);
	while (result < 0 && errno == EINTR);
	return result > 0 && read(fd, &byte, 1) == 1;
}

static bool give_up(pid_t successor, struct error *err)
{
	int status;

	kill(successor, SIGKILL);
	if (waitpid(successor, &status, 0) == successor && WIFEXITED(status))
		return error_set(err, "the successor ended with status %d", WEXITSTATUS(status));
	return error_set(err, "the successor did not serve in time");
}

bool handover_start(const int *fds, size_t count, int timeout_ms, pid_t *successor_r,
		    struct error *err)
{
	struct launch launch;
	int ready[2];
	bool served;

	if (count > HANDOVER_SOCKETS_MAX || pipe2(ready, O_CLOEXEC) < 0)
		return error_set(err, "cannot hand over: %s", strerror(errno));
	if (!launch_prepare(&launch, fds, count, ready[1], err)) {
		close(ready[0]);
		close(ready[1]);
		return false;
	}
	*successor_r = fork();
	if (*successor_r == 0)
		become_successor(&launch);
	close(ready[1]);
	launch_free(&launch);
	served = *successor_r > 0 && wait_until_ready(ready[0], timeout_ms);
	close(ready[0]);
	if (*successor_r < 0)
		return error_set(err, "cannot fork: %s", strerror(errno));
	return served || give_up(*successor_r, err);
}

void handover_tell_predecessor(void)
{
	const char *text = getenv(READY_VARIABLE);
	int fd = text != NULL ? atoi(text) : -1;

	if (fd < FIRST_FD)
		return;
	/* The predecessor may have given up on us; then it has killed us too. */
	(void)!write(fd, "", 1);
	close(fd);
	unsetenv(READY_VARIABLE);
}

bool handover_mute(int listen_fd, struct error *err)
{
	/* An address of the kernel's choice in the abstract name space (unix(7), autobind). */
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool done = fd >= 0 &&
		    bind(fd, (const struct sockaddr *)&address, sizeof(sa_family_t)) == 0 &&
		    listen(fd, 1) == 0 && dup3(fd, listen_fd, O_CLOEXEC) >= 0;

	if (!done)
		error_set(err, "cannot put a socket in the place of the old one: %s",
			  strerror(errno));
	if (fd >= 0)
		close(fd);
	return done;
}
