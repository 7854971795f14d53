/* SPDX-License-Identifier: BSD-2-Clause */
/* Child processes, their output collected in memory files so that neither side can block. */
#include "ctl/run.h"
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Everything that was written to the memory file, as text; NULL on error. */
static char *read_all(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	size_t used = 0;
	char *text;

	if (size < 0 || !(text = malloc((size_t)size + 1)))
		return NULL;
	while (used < (size_t)size) {
		ssize_t count = pread(fd, text + used, (size_t)size - used, (off_t)used);

		if (count <= 0) {
			free(text);
			return NULL;
		}
		used += (size_t)count;
	}
	text[used] = '\0';
	return text;
}

/* The memory files that a program's standard streams are; `in` -1: it gets /dev/null. */
struct streams {
	int in, out, err;
};

static int spawn(const char *const *argv, const struct streams *streams, pid_t *pid_r)
{
	posix_spawn_file_actions_t actions;
	char *const *words;
	int rc;

	memcpy(&words, &argv, sizeof(words)); /* posix_spawnp does not write to them */
	rc = posix_spawn_file_actions_init(&actions);
	if (rc != 0)
		return rc;
	rc = streams->in >= 0
		 ? posix_spawn_file_actions_adddup2(&actions, streams->in, STDIN_FILENO)
		 : posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY,
						    0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, streams->out, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, streams->err, STDERR_FILENO);
	if (rc == 0)
		rc = posix_spawnp(pid_r, argv[0], &actions, NULL, words, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static int wait_status(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return 255;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool run_into(const char *const *argv, const struct streams *streams, struct run *run_r,
		     struct error *err)
{
	pid_t pid;
	int rc = spawn(argv, streams, &pid);

	if (rc != 0)
		return error_set(err, "%s: cannot be started: %s; is its package installed?",
				 argv[0], strerror(rc));
	run_r->status = wait_status(pid);
	run_r->out = read_all(streams->out);
	run_r->err = read_all(streams->err);
	if (run_r->out && run_r->err)
		return true;
	run_free(run_r);
	return error_set(err, "%s: its output cannot be read", argv[0]);
}

static bool run_from(int in, const char *const *argv, struct run *run_r, struct error *err)
{
	struct streams streams = {in, memfd_create("out", MFD_CLOEXEC),
				  memfd_create("err", MFD_CLOEXEC)};
	bool done;

	*run_r = (struct run){0};
	if (streams.out < 0 || streams.err < 0)
		done = error_set(err, "%s: no memory file: %s", argv[0], strerror(errno));
	else
		done = run_into(argv, &streams, run_r, err);
	if (streams.out >= 0)
		close(streams.out);
	if (streams.err >= 0)
		close(streams.err);
	return done;
}

bool run_program(const char *const *argv, struct run *run_r, struct error *err)
{
	return run_from(-1, argv, run_r, err);
}

/* Takes the run over: an exit status other than 0 is an error. */
static bool check_status(const char *program, struct run *run, struct run *run_r, struct error *err)
{
	if (run->status != 0) {
		run->err[strcspn(run->err, "\n")] = '\0';
		error_set(err, "%s: exit status %d: %s", program, run->status, run->err);
		run_free(run);
		return false;
	}
	if (run_r)
		*run_r = *run;
	else
		run_free(run);
	return true;
}

bool run_checked(const char *const *argv, struct run *run_r, struct error *err)
{
	struct run run;

	return run_program(argv, &run, err) && check_status(argv[0], &run, run_r, err);
}

/* The text in a memory file, to be read from its beginning; -1: there is none. */
static int open_input(const char *text)
{
	int fd = memfd_create("in", MFD_CLOEXEC);
	size_t length = strlen(text);

	if (fd >= 0 && pwrite(fd, text, length, 0) != (ssize_t)length) {
		close(fd);
		return -1;
	}
	return fd;
}

bool run_with_input(const char *const *argv, const char *input, struct error *err)
{
	int in = open_input(input);
	struct run run;
	bool done;

	if (in < 0)
		return error_set(err, "%s: no memory file: %s", argv[0], strerror(errno));
	done = run_from(in, argv, &run, err) && check_status(argv[0], &run, NULL, err);
	close(in);
	return done;
}

void run_free(struct run *run)
{
	free(run->out);
	free(run->err);
	*run = (struct run){0};
}
