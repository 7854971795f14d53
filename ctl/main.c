/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl: the operator's and the provisioning script's hand on easymail. */
#include "common/log.h"
#include "ctl/command.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum exit_status {
	EXIT_DONE = 0,
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
};

/* Postfix's programs are in sbin, which an operator's PATH need not have. */
static void extend_path(void)
{
	const char *path = getenv("PATH");
	char longer[8192];

	snprintf(longer, sizeof(longer), "%s%s/usr/sbin:/sbin:/usr/bin:/bin", path ? path : "",
		 path && path[0] ? ":" : "");
	setenv("PATH", longer, 1);
}

static int usage_error(const char *text)
{
	fprintf(stderr, "easymailctl: %s\n", text);
	return EXIT_USAGE;
}

/* Help in the places where people ask for it; -1 when nobody did. */
static int answer_help(int count, char *const *words)
{
	bool noun_given = count > 0 && words[0][0] != '-';
	const char *last = count > 0 ? words[count - 1] : "";

	if (count > 0 && (strcmp(last, "--help") == 0 || strcmp(last, "-h") == 0 ||
			  strcmp(words[0], "help") == 0)) {
		if (strcmp(words[0], "help") == 0)
			command_usage(stdout, count > 1 ? words[1] : NULL);
		else
			command_usage(stdout, noun_given ? words[0] : NULL);
		return EXIT_DONE;
	}
	if (count > 0 && (strcmp(words[0], "--version") == 0 || strcmp(words[0], "-V") == 0)) {
		puts("easymailctl " EASYMAIL_VERSION);
		return EXIT_DONE;
	}
	if (count == 0) {
		command_usage(stderr, NULL);
		return EXIT_USAGE;
	}
	return -1;
}

static int run(struct ctl *ctl, const char *config_path)
{
	struct error err;
	bool done;

	if (!config_load(config_path, &ctl->config, &err)) {
		fprintf(stderr, "easymailctl: %s\n", err.text);
		return EXIT_REFUSED;
	}
	done = ctl->command->run(ctl, &err);
	if (!done)
		fprintf(stderr, "easymailctl: %s\n", err.text);
	config_free(ctl->config);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		perror("easymailctl: standard output");
		return EXIT_REFUSED;
	}
	return done && !ctl->findings ? EXIT_DONE : EXIT_REFUSED;
}

int main(int argc, char **argv)
{
	static struct ctl ctl;
	const char *config_path = CONFIG_DEFAULT_PATH;
	struct error err;
	int at = 1, status;

	log_open("easymailctl", LOG_TARGET_STDERR);
	signal(SIGPIPE, SIG_IGN);
	extend_path();
	if (at < argc && strcmp(argv[at], "-c") == 0) {
		if (at + 1 == argc)
			return usage_error("-c: needs the path of a configuration file");
		config_path = argv[at + 1];
		at += 2;
	}
	status = answer_help(argc - at, argv + at);
	if (status >= 0)
		return status;
	if (!command_parse(&ctl, argc - at, argv + at, &err))
		return usage_error(err.text);
	return run(&ctl, config_path);
}
