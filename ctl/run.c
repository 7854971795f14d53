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

static int spawn(const char *const *argv, int out, int err_fd, pid_t *pid_r)
{
	posix_spawn_file_actions_t actions;
	char *const *words;
	int rc;

	memcpy(&words, &argv, sizeof(words)); /* posix_spawnp does not write to them */
	rc = posix_spawn_file_actions_init(&actions);
	if (rc != 0)
		return rc;
	rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, err_fd, STDERR_FILENO);
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

static bool run_into(const char *const *argv, int out, int err_fd, struct run *run_r,
		     struct error *err)
{
	pid_t pid;
	int rc = spawn(argv, out, err_fd, &pid);

	if (rc != 0)
		return error_set(err, "%s: cannot be started: %s; is its package installed?",
				 argv[0], strerror(rc));
	run_r->status = wait_status(pid);
	run_r->out = read_all(out);
	run_r->err = read_all(err_fd);
	if (run_r->out && run_r->err)
		return true;
	run_free(run_r);
	return error_set(err, "%s: its output cannot be read", argv[0]);
}

bool run_program(const char *const *argv, struct run *run_r, struct error *err)
{
	int out = memfd_create("out", MFD_CLOEXEC), err_fd = memfd_create("err", MFD_CLOEXEC);
	bool done;

	*run_r = (struct run){0};
	if (out < 0 || err_fd < 0)
		done = error_set(err, "%s: no memory file: %s", argv[0], strerror(errno));
	else
		done = run_into(argv, out, err_fd, run_r, err);
	if (out >= 0)
		close(out);
	if (err_fd >= 0)
		close(err_fd);
	return done;
}

bool run_checked(const char *const *argv, struct run *run_r, struct error *err)
{
	struct run run;

	if (!run_program(argv, &run, err))
		return false;
	if (run.status != 0) {
		run.err[strcspn(run.err, "\n")] = '\0';
		error_set(err, "%s: exit status %d: %s", argv[0], run.status, run.err);
		run_free(&run);
		return false;
	}
	if (run_r)
		*run_r = run;
	else
		run_free(&run);
	return true;
}

void run_free(struct run *run)
{
	free(run->out);
	free(run->err);
	*run = (struct run){0};
}
