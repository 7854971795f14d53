/* SPDX-License-Identifier: BSD-2-Clause */
/* What the daemons have alike. */
#include "common/daemon.h"
#include "common/log.h"
#include "common/service.h"
#include "common/unix_socket.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct options {
	const char *config_path;
	bool only_test;
};

/* False: the process ends with *status_r. */
static bool read_options(int argc, char **argv, const char *name, struct options *options_r,
			 int *status_r)
{
	int option;

	*options_r = (struct options){.config_path = CONFIG_DEFAULT_PATH};
	*status_r = EXIT_DONE;
	while ((option = getopt(argc, argv, "c:tV")) != -1) {
		if (option == 'V') {
			printf("%s %s\n", name, EASYMAIL_VERSION);
			return false;
		}
		if (option == 'c')
			options_r->config_path = optarg;
		options_r->only_test = options_r->only_test || option == 't';
		*status_r = option == '?' ? EXIT_USAGE : *status_r;
	}
	if (optind == argc && *status_r == EXIT_DONE)
		return true;
	fprintf(stderr, "usage: %s [-tV] [-c CONFIG]\n", name);
	*status_r = EXIT_USAGE;
	return false;
}

/* -t */
static bool check(const struct daemon_program *program, const struct config *config,
		  struct error *err)
{
	if (program->check != NULL && !program->check(config, err)) {
		fprintf(stderr, "%s: %s\n", program->name, err->text);
		return false;
	}
	printf("%s: all right\n", config_source(config));
	return true;
}

static bool live(const struct daemon_program *program, const struct config *config,
		 const char *config_path, struct error *err)
{
	enum log_target target = (enum log_target)config_number(config, "log.target");

	log_open(program->name, target);
	if (program->live(config, config_path, err))
		return true;
	log_error("%s", err->text);
	if (target != LOG_TARGET_STDERR)
		fprintf(stderr, "%s: %s\n", program->name, err->text);
	return false;
}

int daemon_main(int argc, char **argv, const struct daemon_program *program)
{
	struct options options;
	struct config *config;
	struct error err;
	int status;
	bool done;

	if (!read_options(argc, argv, program->name, &options, &status))
		return status;
	if (!config_load(options.config_path, &config, &err)) {
		fprintf(stderr, "%s: %s\n", program->name, err.text);
		return EXIT_FAILED;
	}
	done = options.only_test ? check(program, config, &err)
				 : live(program, config, options.config_path, &err);
	config_free(config);
	return done ? EXIT_DONE : EXIT_FAILED;
}

bool daemon_listen(const struct config *config, const char *option, int *fd_r, struct error *err)
{
	char mode_option[64];
	int first, count;
	mode_t mode;

	if (!service_listen_fds(&first, &count))
		return error_set(err, "LISTEN_FDS: what the service manager handed over is not a "
				      "listening stream socket");
	if (count > 1)
		return error_set(err, "LISTEN_FDS: %d sockets handed over, 1 wanted", count);
	*fd_r = first;
	if (count == 1)
		return true;
	snprintf(mode_option, sizeof(mode_option), "%s_mode", option);
	if (!unix_mode_parse(config_text(config, mode_option), &mode, err))
		return error_prefix(err, "%s: ", mode_option);
	return unix_listen(config_text(config, option), mode, fd_r, err);
}

static void take_turns(const sigset_t *ends, int (*turn)(void *context), void *context)
{
	struct timespec wait;

	do {
		int next_ms = turn(context);

		wait.tv_sec = next_ms / 1000;
		wait.tv_nsec = (next_ms % 1000) * 1000000L;
	} while (sigtimedwait(ends, NULL, &wait) < 0);
}

bool daemon_run(const sigset_t *ends, struct socketmap_server *server, int (*turn)(void *context),
		void *context, struct error *err)
{
	if (server != NULL && !socketmap_server_start(server, err))
		return false;
	service_ready();
	log_info("started, version %s", EASYMAIL_VERSION);
	take_turns(ends, turn, context);
	service_stopping();
	if (server != NULL)
		socketmap_server_join(server);
	log_info("stopped");
	return true;
}
