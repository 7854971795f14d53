/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting loaders and asking them for workers. */
#include "services/scanner/generation.h"
#include "common/clock.h"
#include "common/scan_protocol.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* This program anew, with the socket as its descriptor LOADER_SOCKET. The signal mask is not inherited. */
static int spawn_loader(int socket)
{
	static char program[] = "easymail-scanner";
	static char option[] = LOADER_OPTION;
	char *const arguments[] = {program, option, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int rc;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, socket, LOADER_SOCKET);
	posix_spawn_file_actions_addclosefrom_np(&actions, LOADER_SOCKET + 1);
	rc = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return rc;
}

static bool start(struct generation *generation, const struct scanner_settings *settings,
		  struct error *err)
{
	int ends[2];
	int rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set(err, "socketpair: %s", strerror(errno));
	rc = spawn_loader(ends[1]);
	close(ends[1]);
	generation->watch.fd = ends[0];
	if (rc != 0)
		return error_set(err, "cannot start a loader: %s", strerror(rc));
	return scan_send(ends[0], &settings->loader, sizeof(settings->loader), -1) ||
	       error_set(err, "loader: %s", strerror(errno));
}

bool generation_new(const struct scanner_settings *settings, unsigned number,
		    struct generation **generation_r, struct error *err)
{
	struct generation *generation = calloc(1, sizeof(*generation));

	if (generation == NULL)
		return error_set(err, "out of memory");
	generation->number = number;
	generation->started_ms = clock_ms();
	generation->watch.fd = -1;
	if (!start(generation, settings, err)) {
		if (generation->watch.fd >= 0)
			close(generation->watch.fd);
		free(generation);
		return false;
	}
	*generation_r = generation;
	return true;
}

void generation_free(struct loop *loop, struct generation *generation)
{
	if (generation == NULL)
		return;
	loop_close(loop, &generation->watch);
	free(generation);
}

bool generation_fork(struct generation *generation, int *fd_r, struct error *err)
{
	struct loader_command command = {.spawn = 1};
	int ends[2];
	bool sent;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set(err, "socketpair: %s", strerror(errno));
	sent = scan_send(generation->watch.fd, &command, sizeof(command), ends[1]);
	if (!sent)
		error_set(err, "loader: %s", strerror(errno));
	close(ends[1]);
	if (sent)
		*fd_r = ends[0];
	else
		close(ends[0]);
	return sent;
}
