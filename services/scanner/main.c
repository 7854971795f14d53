/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-scanner: looks for malware in messages, with workers that could do no harm. */
#include "common/daemon.h"
#include "common/log.h"
#include "common/privileges.h"
#include "common/service.h"
#include "services/scanner/control.h"
#include "services/scanner/dispatcher.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct scanner {
	struct watch signals; /* first: on_signal casts */
	struct watch wakeup;  /* an eventfd that the control thread writes to */
	struct loop *loop;
	struct scanner_settings settings;
	struct figures figures;
	struct control *control;
	struct dispatcher *dispatcher;
	bool ready;
	bool ending;
	bool reload;
};

static void on_signal(struct watch *watch)
{
	struct scanner *scanner = (struct scanner *)watch;
	struct signalfd_siginfo signal;

	if (read(watch->fd, &signal, sizeof(signal)) != (ssize_t)sizeof(signal))
		return;
	if (signal.ssi_signo == SIGHUP)
		scanner->reload = true;
	else
		scanner->ending = true;
}

/* From the control thread. */
static void ask_reload(void *context)
{
	struct scanner *scanner = context;

	(void)eventfd_write(scanner->wakeup.fd, 1);
}

static void on_wakeup(struct watch *watch)
{
	char *place = (char *)watch - offsetof(struct scanner, wakeup);
	struct scanner *scanner = (void *)place;
	eventfd_t ignored;

	(void)eventfd_read(watch->fd, &ignored);
	scanner->reload = true;
}

/* Before any thread: all signals that mean something arrive at the loop. */
static bool watch_signals(struct scanner *scanner, struct error *err)
{
	sigset_t ours;

	sigemptyset(&ours);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGHUP);
	sigprocmask(SIG_BLOCK, &ours, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN); /* loaders: nobody waits for them */
	scanner->signals =
	    (struct watch){signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK), on_signal};
	scanner->wakeup = (struct watch){eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), on_wakeup};
	if (scanner->signals.fd < 0 || scanner->wakeup.fd < 0)
		return error_set(err, "signalfd: %s", strerror(errno));
	return loop_add(scanner->loop, &scanner->signals, err) &&
	       loop_add(scanner->loop, &scanner->wakeup, err);
}

/* After false too the caller calls scanner_stop. The sockets are made while we may; then root is gone. */
static bool scanner_start(struct scanner *scanner, const struct config *config, struct error *err)
{
	int listen_fd;

	return scanner_settings_read(config, &scanner->settings, err) &&
	       loop_new(&scanner->loop, err) && watch_signals(scanner, err) &&
	       control_new(config, ask_reload, scanner, &scanner->control, err) &&
	       daemon_listen(config, "scanner.socket", &listen_fd, err) &&
	       privileges_drop("scanner.user", config_text(config, "scanner.user"), err) &&
	       dispatcher_new(scanner->loop, &scanner->settings, &scanner->figures, listen_fd,
			      &scanner->dispatcher, err) &&
	       control_start(scanner->control, err);
}

static void scanner_stop(struct scanner *scanner)
{
	control_free(scanner->control);
	dispatcher_free(scanner->dispatcher);
	if (scanner->loop == NULL)
		return;
	loop_close(scanner->loop, &scanner->signals);
	loop_close(scanner->loop, &scanner->wakeup);
	loop_free(scanner->loop);
}

/* Ready when the first load has come to its end, good or bad: until then messages would only wait. */
static void tell_ready(struct scanner *scanner)
{
	if (scanner->ready || (scanner->figures.workers == 0 && scanner->figures.loads_failed == 0))
		return;
	scanner->ready = true;
	service_ready();
	log_info("started, version %s", EASYMAIL_VERSION);
}

/* One event, and what follows from it. False: the end has come. */
static bool turn(struct scanner *scanner, int *wait_ms, bool *draining, struct error *err)
{
	if (!loop_once(scanner->loop, *wait_ms, err))
		return false;
	if (scanner->reload)
		dispatcher_reload(scanner->dispatcher);
	scanner->reload = false;
	if (scanner->ending && !*draining) {
		*draining = true;
		service_stopping();
		dispatcher_drain(scanner->dispatcher);
	}
	*wait_ms = dispatcher_turn(scanner->dispatcher);
	control_publish(scanner->control, &scanner->figures);
	tell_ready(scanner);
	return !*draining || !dispatcher_is_done(scanner->dispatcher);
}

static bool scanner_run(struct scanner *scanner, struct error *err)
{
	bool draining = false;
	int wait_ms = 0;

	err->text[0] = '\0';
	while (turn(scanner, &wait_ms, &draining, err))
		;
	log_info("stopped");
	return err->text[0] == '\0';
}

static bool scanner_live(const struct config *config, const char *config_path, struct error *err)
{
	struct scanner scanner = {.signals.fd = -1, .wakeup.fd = -1};
	bool done;

	(void)config_path;
	done = scanner_start(&scanner, config, err) && scanner_run(&scanner, err);
	scanner_stop(&scanner);
	return done;
}

int main(int argc, char **argv)
{
	const struct daemon_program program = {.name = "easymail-scanner", .live = scanner_live};

	if (argc == 2 && strcmp(argv[1], LOADER_OPTION) == 0)
		_exit(loader_main()); /* what it holds for its workers goes with it */
	return daemon_main(argc, argv, &program);
}
