/* SPDX-License-Identifier: BSD-2-Clause */
/* easymail-bounce: takes one mail that came back, from Postfix's pipe(8). It answers nobody, so a loop ends here. */
#include "common/log.h"
#include "common/mail_parts.h"
#include "services/bounce/effects.h"
#include "services/bounce/jailed.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define PROGRAM "easymail-bounce"

static struct bounce_report report;

/* The mail's beginning; the rest is read and forgotten. */
static bool read_mail(char octets_r[MAIL_READ_MAX], size_t *length_r, struct error *err)
{
	char rest[16384];

	*length_r = fread(octets_r, 1, MAIL_READ_MAX, stdin);
	while (fread(rest, 1, sizeof(rest), stdin) > 0)
		continue;
	return !ferror(stdin) || error_set(err, "standard input: %s", strerror(errno));
}

/* One mail may have been sent to several of our return paths. */
static bool take_all(const struct config *config, char **recipients, struct error *err)
{
	struct effects effects;
	bool done = effects_open(config, &effects, err);

	for (; done && *recipients != NULL; recipients++)
		done = effects_take(&effects, *recipients, &report, err);
	effects_close(&effects);
	return done;
}

/* The mail is read before anything of ours is open. */
static int run(const struct config *config, char **recipients)
{
	char *octets = malloc(MAIL_READ_MAX);
	struct error err;
	size_t length;

	if (octets == NULL || !read_mail(octets, &length, &err)) {
		log_error("%s", octets != NULL ? err.text : "out of memory");
		free(octets);
		return EX_TEMPFAIL;
	}
	if (!jailed_bounce_read(octets, length, &report, &err)) {
		log_warning("bounce to=%.100s: %s; dropped", recipients[0], err.text);
		free(octets);
		return EX_OK;
	}
	free(octets);
	if (take_all(config, recipients, &err))
		return EX_OK;
	log_error("%s", err.text);
	/* Postfix quotes this in its log, keeps the mail and tries again. */
	fprintf(stderr, PROGRAM ": %s\n", err.text);
	return EX_TEMPFAIL;
}

/* False: the process ends with *status_r. */
static bool read_options(int argc, char **argv, const char **config_path_r, int *status_r)
{
	int option;

	*config_path_r = CONFIG_DEFAULT_PATH;
	*status_r = EX_OK;
	while ((option = getopt(argc, argv, "c:V")) != -1) {
		if (option == 'V') {
			puts(PROGRAM " " EASYMAIL_VERSION);
			return false;
		}
		if (option != 'c') {
			*status_r = EX_USAGE;
			break;
		}
		*config_path_r = optarg;
	}
	if (*status_r == EX_OK && optind < argc)
		return true;
	fputs("usage: " PROGRAM " [-V] [-c CONFIG] RECIPIENT... < MESSAGE\n", stderr);
	*status_r = EX_USAGE;
	return false;
}

int main(int argc, char **argv)
{
	const char *config_path;
	struct config *config;
	struct error err;
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (!read_options(argc, argv, &config_path, &status))
		return status;
	if (!config_load(config_path, &config, &err)) {
		fprintf(stderr, PROGRAM ": %s\n", err.text);
		return EX_TEMPFAIL;
	}
	log_open(PROGRAM, (enum log_target)config_number(config, "log.target"));
	status = run(config, argv + optind);
	config_free(config);
	return status;
}
