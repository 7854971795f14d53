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

static void ends_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

void supervise_block_signals(void)
{
	sigset_t set;

	/*
	 * libmilter's signal thread would stop at SIGHUP. It waits for it as a blocked signal; but the
	 * kernel drops a signal that is ignored and that the first thread, ours, does not block.
	 */
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	ends_set(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/*
 * SIGTERM and SIGINT come to us first: the kernel prefers a first thread that does not block them to
 * libmilter's signal thread, which waits for them. We have to know that libmilter was told to end, as
 * it may report that as a failure (its listener can find the socket closed before it looks why).
 */
static int end_fd = -1; /* an eventfd: readable when one of them has come */

static void on_end(int signal_number)
{
	int saved = errno;
	uint64_t one = 1;

	(void)signal_number;
	(void)!write(end_fd, &one, sizeof(one));
	errno = saved;
}

static bool catch_ends(struct error *err)
{
	struct sigaction action = {.sa_handler = on_end};
	sigset_t ends;

	end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (end_fd < 0)
		return error_set(err, "eventfd: %s", strerror(errno));
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	ends_set(&ends);
	pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
	return true;
}

/*
 * Now libmilter's signal thread gets it, even if it has not started yet. smfi_stop is not for a thread
 * that cannot know whether smfi_main has made the mutex that it locks.
 */
static void tell_libmilter(void)
{
	sigset_t ends;

	ends_set(&ends);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	kill(getpid(), SIGTERM);
}

static void *run(void *context)
{
	struct runner_thread *runner = context;
	uint64_t one = 1;
	sigset_t ends;

	ends_set(&ends);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
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

enum event { HAND_OVER, END, RUNNER_ENDED };

static enum event wait_for_event(int signal_fd, int ended_fd)
{
	struct pollfd waits[] = {
	    {.fd = signal_fd, .events = POLLIN},
	    {.fd = end_fd, .events = POLLIN},
	    {.fd = ended_fd, .events = POLLIN},
	};
	struct signalfd_siginfo info;

	for (;;) {
		if (poll(waits, 3, -1) < 0)
			continue;
		if (waits[2].revents != 0)
			return RUNNER_ENDED;
		if (waits[1].revents != 0)
			return END;
		if (read(signal_fd, &info, sizeof(info)) == sizeof(info))
			return HAND_OVER;
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

/* Until no session has been there for a while, or the time is over, or a signal or the runner ends it. */
static void drain(const struct supervision *supervision, int ended_fd)
{
	int64_t deadline = clock_ms() + supervision->drain_ms;
	int64_t quiet_since = clock_ms();

	while (!is_readable(ended_fd, TICK_MS) && !is_readable(end_fd, 0)) {
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

/* Until it is time for the runner to end, or it has ended by itself: false. */
static bool watch(const struct supervision *supervision, int signal_fd, int ended_fd)
{
	enum event event;

	do
		event = wait_for_event(signal_fd, ended_fd);
	while (event == HAND_OVER && !hand_over(supervision));
	if (event == HAND_OVER)
		drain(supervision, ended_fd);
	else
		service_stopping();
	return event != RUNNER_ENDED;
}

/* Runs the runner to its end. */
static bool serve(const struct supervision *supervision, int signal_fd, struct error *err)
{
	struct runner_thread runner = {.served = false};
	bool asked;

	if (!start_runner(&runner, err))
		return false;
	log_info("ready");
	service_ready();
	handover_tell_predecessor();
	asked = watch(supervision, signal_fd, runner.ended_fd);
	if (asked)
		tell_libmilter();
	pthread_join(runner.thread, NULL);
	close(runner.ended_fd);
	wait_for_callbacks(supervision->gate);
	return asked || runner.served || error_set(err, "libmilter has failed");
}

bool supervise(const struct supervision *supervision, struct error *err)
{
	sigset_t set;
	int signal_fd;
	bool served;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		return error_set(err, "signalfd: %s", strerror(errno));
	served = catch_ends(err) && serve(supervision, signal_fd, err);
	close(signal_fd);
	return served;
}
