/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads signatures and forks workers on request. */
#include "services/scanner/loader.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/scan_protocol.h"
#include "services/scanner/charsets.h"
#include "services/scanner/leftovers.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_WAIT_MS 30000 /* for workers that still scan when the scanner is gone */

struct loader {
	struct loader_settings settings;
	struct engine *engine;
	struct file_types *types;
	int signals;
	unsigned children;
};

static bool report(enum loader_event event, unsigned signatures, const char *text)
{
	struct loader_report packet = {.event = event, .signatures = signatures};

	snprintf(packet.text, sizeof(packet.text), "%.399s", text);
	return scan_send(LOADER_SOCKET, &packet, sizeof(packet), -1);
}

/* SIGKILL is how the scanner ends workers, and says why itself; the kernel does it when memory is short. */
static void log_end(pid_t pid, int status)
{
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		log_info("worker %d was killed", (int)pid);
	else if (WIFSIGNALED(status))
		log_warning("worker %d ended by signal %d (%s)", (int)pid, WTERMSIG(status),
			    strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_warning("worker %d ended with status %d", (int)pid, WEXITSTATUS(status));
}

static void reap(struct loader *loader)
{
	struct signalfd_siginfo ignored;
	ssize_t got = read(loader->signals, &ignored, sizeof(ignored));
	int status;
	pid_t pid;

	(void)got; /* one signal stands for any number of children */
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		log_end(pid, status);
		loader->children--;
	}
	leftovers_remove(loader->settings.worker.jail.temp_directory);
}

/* One command. False: the scanner closed the socket. */
static bool obey(struct loader *loader)
{
	struct loader_command command;
	pid_t pid;
	int fd;

	if (scan_receive(LOADER_SOCKET, &command, sizeof(command), &fd) != SCAN_RECEIVED)
		return false;
	pid = fork();
	if (pid == 0)
		worker_run(loader->engine, loader->types, &loader->settings.worker, fd);
	if (pid < 0)
		log_error("fork: %s", strerror(errno));
	else
		loader->children++;
	close(fd); /* without a worker behind it the scanner sees it closed */
	return true;
}

/* Until the scanner closes the socket: commands, ends of workers, a look at the directory now and then. */
static void serve(struct loader *loader)
{
	struct pollfd waiting[] = {{.fd = LOADER_SOCKET, .events = POLLIN},
				   {.fd = loader->signals, .events = POLLIN}};
	int64_t interval_ms = loader->settings.reload_interval_ms;
	int64_t next_look_ms = clock_ms() + interval_ms;

	for (;;) {
		int64_t left = next_look_ms - clock_ms();

		if (left <= 0) {
			next_look_ms = clock_ms() + interval_ms;
			if (engine_is_outdated(loader->engine) && !report(LOADER_OUTDATED, 0, ""))
				return;
			continue;
		}
		if (poll(waiting, 2, (int)left) < 0 && errno != EINTR)
			return;
		if (waiting[1].revents & POLLIN)
			reap(loader);
		if (waiting[0].revents != 0 && !obey(loader))
			return;
	}
}

/* Workers see their sockets closed and end by themselves; the rest ends with this process. */
static void wait_for_workers(struct loader *loader)
{
	struct pollfd waiting = {.fd = loader->signals, .events = POLLIN};
	int64_t deadline_ms = clock_ms() + END_WAIT_MS;

	while (loader->children > 0 && clock_ms() < deadline_ms) {
		if (poll(&waiting, 1, (int)(deadline_ms - clock_ms())) > 0)
			reap(loader);
	}
}

static bool prepare_signals(struct loader *loader)
{
	sigset_t children;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM,
	       SIG_IGN); /* the end is the closed socket, so that no message is lost to it */
	signal(SIGHUP, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_SETMASK, &children, NULL);
	loader->signals = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
	return loader->signals >= 0;
}

int loader_main(void)
{
	struct loader loader = {.engine = NULL};
	struct error err;

	if (scan_receive(LOADER_SOCKET, &loader.settings, sizeof(loader.settings), NULL) !=
	    SCAN_RECEIVED)
		return 1;
	log_open("easymail-scanner", (enum log_target)loader.settings.log_target);
	if (!prepare_signals(&loader))
		return 1;
	leftovers_remove(loader.settings.worker.jail.temp_directory);
	charsets_load();
	if (!file_types_load(&loader.types, &err) ||
	    !engine_load(loader.settings.database_directory, &loader.settings.limits,
			 &loader.engine, &err)) {
		(void)report(LOADER_FAILED, 0, err.text);
		return 1;
	}
	if (report(LOADER_LOADED, engine_signatures(loader.engine), ""))
		serve(&loader);
	wait_for_workers(&loader);
	return 0;
}
