/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals and the handover, in the main thread. */
#include "milters/chain/supervise.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/service.h"
#include "milters/chain/handover.h"
#include "milters/chain/runner.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define SUCCESSOR_TIMEOUT_MS 30000
#define TICK_MS              100
/* A connection that libmilter took just before the handover is a session only a moment later. */
#define QUIET_MS 2000
/* How long callbacks may take to end once libmilter has stopped. */
#define LAST_CALLBACKS_MS 5000

/* libmilter's thread, as the main thread sees it. */
struct runner_thread {
	pthread_t thread;
	int ended_fd; /* an eventfd: readable when runner_run has returned */
	bool served;  /* what it returned; valid when ended */
};

void supervise_block_signals(void)
{
	sigset_t set;

	/*
	 * libmilter's signal thread would stop at SIGHUP. It waits for it as a blocked signal; but the
	 * kernel drops a signal that is ignored and that the first thread, ours, does not block.
	 */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static void *run(void *context)
{
	struct runner_thread *runner = context;
	uint64_t one = 1;

	runner->served = runner_run();
	(void)!write(runner->ended_fd, &one, sizeof(one));
	return NULL;
}

static bool start_runner(struct runner_thread *runner, struct error *err)
{
	int result;

	runner->ended_fd = eventfd(0, EFD_CLOEXEC);
	if (runner->ended_fd < 0)
		return error_set(err, "eventfd: %s", strerror(errno));
	result = pthread_create(&runner->thread, NULL, run, runner);
	if (result == 0)
		return true;
	close(runner->ended_fd);
	return error_set(err, "cannot start a thread: %s", strerror(result));
}

/* Waits up to timeout_ms, -1 for ever. */
static bool is_readable(int fd, int timeout_ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	return poll(&wait, 1, timeout_ms) > 0;
}

/* True: SIGUSR2 came. False: the runner has ended. */
static bool wait_for_signal(int signal_fd, int ended_fd)
{
	struct pollfd waits[] = {
	    {.fd = signal_fd, .events = POLLIN},
	    {.fd = ended_fd, .events = POLLIN},
	};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(waits, 2, -1) < 0)
			continue;
		if (waits[1].revents != 0)
			return false;
		if (read(signal_fd, &info, sizeof(info)) == sizeof(info))
			return true;
	}
}

/* True: a successor serves, and no new session comes to us. */
static bool hand_over(const struct supervision *supervision)
{
	const int fds[] = {supervision->listen_fd, supervision->control_fd};
	struct error err;
	pid_t successor;

	if (!handover_start(fds, 2, SUCCESSOR_TIMEOUT_MS, &successor, &err)) {
		log_error("SIGUSR2: %s; this process serves on", err.text);
		return false;
	}
	service_main_pid(successor);
	supervision->let_go(supervision->context);
	if (!handover_mute(supervision->listen_fd, &err))
		log_error("SIGUSR2: %s", err.text);
	log_info("process %d has taken over; %u sessions to finish", (int)successor,
		 gate_sessions(supervision->gate));
	return true;
}

/* Until no session has been there for a while, or the time is over, or the runner ends by itself. */
static void drain(const struct supervision *supervision, int ended_fd)
{
	int64_t deadline = clock_ms() + supervision->drain_ms;
	int64_t quiet_since = clock_ms();

	while (!is_readable(ended_fd, TICK_MS)) {
		if (gate_sessions(supervision->gate) > 0)
			quiet_since = clock_ms();
		if (clock_ms() - quiet_since >= QUIET_MS)
			return;
		if (clock_ms() >= deadline) {
			log_warning("milter.drain_timeout is over, %u sessions are closed",
				    gate_sessions(supervision->gate));
			return;
		}
	}
}

/* libmilter does not wait for callbacks that are under way. */
static void wait_for_callbacks(struct gate *gate)
{
	const struct timespec tick = {.tv_nsec = (long)TICK_MS * 1000000};
	int64_t deadline = clock_ms() + LAST_CALLBACKS_MS;

	while (gate_busy(gate) > 0 && clock_ms() < deadline)
		nanosleep(&tick, NULL);
}

/* Until the runner has ended: by itself, or because a successor has taken over. */
static void watch(const struct supervision *supervision, int signal_fd, int ended_fd)
{
	while (wait_for_signal(signal_fd, ended_fd)) {
		if (!hand_over(supervision))
			continue;
		drain(supervision, ended_fd);
		runner_stop();
		(void)is_readable(ended_fd, -1);
		return;
	}
	service_stopping();
}

bool supervise(const struct supervision *supervision, struct error *err)
{
	struct runner_thread runner = {.served = false};
	sigset_t set;
	int signal_fd;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		return error_set(err, "signalfd: %s", strerror(errno));
	if (!start_runner(&runner, err)) {
		close(signal_fd);
		return false;
	}
	log_info("ready");
	service_ready();
	handover_tell_predecessor();
	watch(supervision, signal_fd, runner.ended_fd);
	pthread_join(runner.thread, NULL);
	wait_for_callbacks(supervision->gate);
	close(runner.ended_fd);
	close(signal_fd);
	return runner.served || error_set(err, "libmilter has failed");
}
