/* SPDX-License-Identifier: BSD-2-Clause */
/* Children with their input in a memory file, waited for without blocking. */
#include "services/monitor/child.h"
#include "common/clock.h"
#include "common/log.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUN_MS    60000
#define WORDS_MAX 24

extern char **environ;

struct child {
	struct child *next;
	char *words[WORDS_MAX + 1];
	char *environment[WORDS_MAX + 1];
	char *input;
};

struct child_queue {
	struct child *first, **last;
	size_t count;
	pid_t pid; /* of the first; 0: it has not been started */
	int64_t until_ms;
};

static void *need(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

struct child_queue *child_queue_new(void)
{
	struct child_queue *queue = need(calloc(1, sizeof(*queue)));

	queue->last = &queue->first;
	return queue;
}

static void child_free(struct child *child)
{
	for (size_t i = 0; i < WORDS_MAX; i++) {
		free(child->words[i]);
		free(child->environment[i]);
	}
	free(child->input);
	free(child);
}

/* The first of the queue has ended. */
static void drop_first(struct child_queue *queue)
{
	struct child *child = queue->first;

	queue->first = child->next;
	if (queue->first == NULL)
		queue->last = &queue->first;
	queue->count--;
	queue->pid = 0;
	child_free(child);
}

void child_queue_free(struct child_queue *queue)
{
	if (queue == NULL)
		return;
	if (queue->pid != 0) {
		kill(queue->pid, SIGKILL);
		waitpid(queue->pid, NULL, 0);
	}
	while (queue->first != NULL)
		drop_first(queue);
	free(queue);
}

static void copy_words(char *to[WORDS_MAX + 1], const char *const *from)
{
	for (size_t i = 0; i < WORDS_MAX && from[i] != NULL; i++)
		to[i] = need(strdup(from[i]));
}

void child_queue_add(struct child_queue *queue, const char *const *words,
		     const char *const *environment, const char *input)
{
	struct child *child;

	if (queue->count == CHILD_QUEUE_MAX) {
		log_error("%s: %d of its kind wait already, this one is dropped", words[0],
			  CHILD_QUEUE_MAX);
		return;
	}
	child = need(calloc(1, sizeof(*child)));
	copy_words(child->words, words);
	copy_words(child->environment, environment);
	child->input = need(strdup(input));
	*queue->last = child;
	queue->last = &child->next;
	queue->count++;
}

/* Our environment with the child's own variables before it: the first of a name counts. */
static char **make_environment(char *const *own)
{
	size_t count = 0, more = 0;
	char **all;

	while (environ[count] != NULL)
		count++;
	while (own[more] != NULL)
		more++;
	all = need(calloc(count + more + 1, sizeof(*all)));
	memcpy(all, own, more * sizeof(*all));
	memcpy(all + more, environ, count * sizeof(*all));
	return all;
}

/* A memory file with the text, read from its beginning; -1: none. */
static int make_input(const char *text)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	size_t length = strlen(text);

	if (fd >= 0 &&
	    (write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Signals are blocked in the monitor, and must not be in others. */
static int spawn(const struct child *child, int input, pid_t *pid_r)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char **environment = make_environment(child->environment);
	sigset_t none, piped;
	int rc;

	sigemptyset(&none);
	sigemptyset(&piped);
	sigaddset(&piped, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &piped);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	rc = posix_spawnp(pid_r, child->words[0], &actions, &attributes, child->words, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	free(environment);
	return rc;
}

static void start_first(struct child_queue *queue)
{
	const char *name = queue->first->words[0];
	int input = make_input(queue->first->input);
	int rc = input < 0 ? errno : spawn(queue->first, input, &queue->pid);

	if (input >= 0)
		close(input);
	queue->until_ms = clock_ms() + RUN_MS;
	if (rc != 0) {
		log_error("%s: cannot be run: %s", name, strerror(rc));
		drop_first(queue);
	}
}

static void look_after_first(struct child_queue *queue)
{
	const char *name = queue->first->words[0];
	int status;
	pid_t ended = waitpid(queue->pid, &status, WNOHANG);

	if (ended == 0 && clock_ms() < queue->until_ms)
		return;
	if (ended == 0) {
		log_error("%s: has run for %d s and is ended", name, RUN_MS / 1000);
		kill(queue->pid, SIGKILL);
		waitpid(queue->pid, &status, 0);
	} else if (ended > 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
		log_error("%s: ended with %s %d", name, WIFEXITED(status) ? "status" : "signal",
			  WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	}
	drop_first(queue);
}

void child_queue_turn(struct child_queue *queue)
{
	if (queue->pid != 0)
		look_after_first(queue);
	if (queue->pid == 0 && queue->first != NULL)
		start_first(queue);
}
