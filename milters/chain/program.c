/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-milter from its command line to its end. */
#include "milters/chain/program.h"
#include "common/log.h"
#include "common/service.h"
#include "milters/chain/control.h"
#include "milters/chain/handover.h"
#include "milters/chain/listen.h"
#include "milters/chain/options.h"
#include "milters/chain/runner.h"
#include "milters/chain/supervise.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "easymail-milter"
/* How long a callback waits for its turn: well below Postfix's milter_command_timeout of 30 s. */
#define BUSY_WAIT_MS 10000
/* For the database's handles, the control socket's clients and a handover. */
#define DESCRIPTORS_SPARE 1024

enum exit_status {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

struct program {
	struct options options;
	struct config *config;
	struct policy_store *policies;
	struct chain *chain;
	struct control *control;
	int listen_fd, control_fd;
};

/* Permissions as chmod(1) writes them. */
static bool parse_mode(const char *text, mode_t *mode_r, struct error *err)
{
	char *end;
	long mode;

	errno = 0;
	mode = strtol(text, &end, 8);
	if (text[0] < '0' || text[0] > '7' || *end != '\0' || errno != 0 || mode > 0777)
		return error_set(err, "milter.socket_mode: '%s' is no octal mode such as 0660",
				 text);
	*mode_r = (mode_t)mode;
	return true;
}

/* libmilter polls before it accepts: with a successor beside it the connection may be gone by then. */
static bool set_flags(int fd, struct error *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
		return true;
	return error_set(err, "listening socket: %s", strerror(errno));
}

/* The sockets that were handed over, the milter's first and then the control socket; else our own. */
static bool open_sockets(struct program *program, mode_t mode, struct error *err)
{
	const char *name = program->options.socket != NULL
			       ? program->options.socket
			       : config_text(program->config, "milter.socket");
	int first, count;

	if (!service_listen_fds(&first, &count) || count > 2)
		return error_set(err, "LISTEN_FDS: the milter takes one or two listening stream "
				      "sockets, its own and the control socket");
	if (count > 0)
		program->listen_fd = first;
	else if (!listen_open(name, mode, &program->listen_fd, err))
		return false;
	if (count > 1)
		program->control_fd = first + 1;
	else if (!listen_open(config_text(program->config, "milter.control_socket"), 0660,
			      &program->control_fd, err))
		return error_prefix(err, "milter.control_socket: ");
	return set_flags(program->listen_fd, err) && set_flags(program->control_fd, err);
}

static struct chain_limits read_limits(const struct config *config)
{
	return (struct chain_limits){
	    .max_sessions = (unsigned)config_number(config, "milter.max_sessions"),
	    .max_busy = (unsigned)config_number(config, "milter.max_busy"),
	    .busy_wait_ms = BUSY_WAIT_MS,
	    .max_header_bytes = (size_t)config_number(config, "milter.message_max_headers"),
	    .max_scan_bytes = (size_t)config_number(config, "scanner.max_message_bytes"),
	};
}

static bool start_chain(struct program *program, struct error *err)
{
	const struct config *config = program->config;
	struct chain_limits limits = read_limits(config);
	struct filter_context context;

	if (!service_raise_descriptors(limits.max_sessions + DESCRIPTORS_SPARE))
		log_warning("LimitNOFILE is too low for milter.max_sessions (%u)",
			    limits.max_sessions);
	if (!policy_store_new(config_text(config, "database"),
			      (unsigned)config_number(config, "milter.database_handles"),
			      (int)config_number(config, "database.busy_timeout"),
			      &program->policies, err))
		return false;
	context = (struct filter_context){.config = config, .policies = program->policies};
	return chain_new(program->options.filters, program->options.filter_count, &context, &limits,
			 &program->chain, err);
}

/* After false too the caller calls program_stop. */
static bool program_start(struct program *program, struct error *err)
{
	mode_t mode;

	return parse_mode(config_text(program->config, "milter.socket_mode"), &mode, err) &&
	       open_sockets(program, mode, err) && start_chain(program, err) &&
	       runner_open(program->chain, program->listen_fd, err) &&
	       control_start(program->control_fd, program->chain, program->policies,
			     &program->control, err);
}

/* What sessions still use stays: the process ends around them. libmilter owns listen_fd by now. */
static enum exit_status program_stop(struct program *program, enum exit_status status)
{
	control_stop(program->control);
	if (program->control_fd >= 0)
		close(program->control_fd);
	if (program->chain != NULL && gate_sessions(program->chain->gate) > 0)
		_exit((int)status);
	chain_free(program->chain);
	policy_store_free(program->policies);
	config_free(program->config);
	return status;
}

/* Our successor has the sockets: what is left are the sessions that are under way. */
static void let_go(void *context)
{
	struct program *program = context;

	control_stop(program->control);
	program->control = NULL;
}

static enum exit_status serve(struct program *program, struct error *err)
{
	struct supervision supervision = {
	    .gate = program->chain->gate,
	    .listen_fd = program->listen_fd,
	    .control_fd = program->control_fd,
	    .drain_ms = (int)config_number(program->config, "milter.drain_timeout"),
	    .let_go = let_go,
	    .context = program,
	};

	if (supervise(&supervision, err))
		return EXIT_DONE;
	log_error("%s", err->text);
	return EXIT_FAILED;
}

static enum exit_status run(struct program *program, struct error *err)
{
	log_open(PROGRAM, (enum log_target)config_number(program->config, "log.target"));
	supervise_block_signals();
	if (!program_start(program, err)) {
		log_error("%s", err->text);
		fprintf(stderr, PROGRAM ": %s\n", err->text);
		return program_stop(program, EXIT_FAILED);
	}
	return program_stop(program, serve(program, err));
}

/* -t: what can be told from the configuration alone. */
static enum exit_status check(struct program *program, struct error *err)
{
	mode_t mode;
	bool right = parse_mode(config_text(program->config, "milter.socket_mode"), &mode, err);

	if (right)
		printf("%s: all right\n", config_source(program->config));
	else
		fprintf(stderr, PROGRAM ": %s\n", err->text);
	config_free(program->config);
	return right ? EXIT_DONE : EXIT_FAILED;
}

int program_main(int argc, char **argv, const struct filter *const *filters, size_t count)
{
	struct program program = {.listen_fd = -1, .control_fd = -1};
	enum options_action action = options_parse(argc, argv, filters, count, &program.options);
	struct error err;

	switch (action) {
	case OPTIONS_WRONG:
		return EXIT_USAGE;
	case OPTIONS_VERSION:
		puts(PROGRAM " " EASYMAIL_VERSION);
		return EXIT_DONE;
	case OPTIONS_HELP:
		options_print_help(filters, count);
		return EXIT_DONE;
	case OPTIONS_CHECK:
	case OPTIONS_RUN:
		break;
	}
	if (!config_load(program.options.config_path, &program.config, &err) ||
	    !handover_prepare(argv, &err)) {
		fprintf(stderr, PROGRAM ": %s\n", err.text);
		config_free(program.config);
		return EXIT_FAILED;
	}
	return action == OPTIONS_CHECK ? check(&program, &err) : run(&program, &err);
}
