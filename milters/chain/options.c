/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of easymail-milter. */
#include "milters/chain/options.h"
#include "milters/chain/listen.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USAGE "easymail-milter [-c CONFIG] [-m FILTER[,FILTER...]] [-s SOCKET] [-t] [-V] [-h]"

static bool complain(const struct error *err)
{
	fprintf(stderr, "easymail-milter: %s\nusage: %s\n", err->text, USAGE);
	return false;
}

static const struct filter *filter_by_name(const struct filter *const *known, size_t count,
					   const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(known[i]->name) == length && memcmp(known[i]->name, name, length) == 0)
			return known[i];
	}
	return NULL;
}

static bool has_filter(const struct options *options, const struct filter *filter)
{
	for (size_t i = 0; i < options->filter_count; i++) {
		if (options->filters[i] == filter)
			return true;
	}
	return false;
}

/* Each name once, at most as many as there are filters. */
static bool select_filters(struct options *options, const struct filter *const *known, size_t count,
			   const char *names)
{
	struct error err;

	options->filter_count = 0;
	for (;;) {
		size_t length = strcspn(names, ",");
		const struct filter *filter = filter_by_name(known, count, names, length);

		if (filter == NULL || has_filter(options, filter)) {
			error_set(&err, "-m: '%.*s' is %s", (int)length, names,
				  filter == NULL ? "no filter" : "named twice");
			return complain(&err);
		}
		options->filters[options->filter_count++] = filter;
		if (names[length] == '\0')
			return true;
		names += length + 1;
	}
}

static bool set_socket(struct options *options, const char *name)
{
	struct error err;

	options->socket = name;
	return listen_check(name, &err) || complain(&err);
}

static void set_defaults(struct options *options, const struct filter *const *known, size_t count)
{
	*options = (struct options){.config_path = CONFIG_DEFAULT_PATH, .filter_count = count};
	memcpy(options->filters, known, count * sizeof(*known));
}

enum options_action options_parse(int argc, char **argv, const struct filter *const *known,
				  size_t count, struct options *options_r)
{
	enum options_action action = OPTIONS_RUN;
	bool right = true;
	struct error err;
	int option;

	set_defaults(options_r, known, count);
	while (right && (option = getopt(argc, argv, "c:m:s:tVh")) != -1) {
		if (option == 'c')
			options_r->config_path = optarg;
		else if (option == 'm')
			right = select_filters(options_r, known, count, optarg);
		else if (option == 's')
			right = set_socket(options_r, optarg);
		else if (option == 't')
			action = OPTIONS_CHECK;
		else if (option == 'V')
			return OPTIONS_VERSION;
		else if (option == 'h')
			return OPTIONS_HELP;
		else
			right = false; /* getopt has said why */
	}
	if (right && optind < argc) {
		error_set(&err, "'%s' is one argument too many", argv[optind]);
		right = complain(&err);
	}
	return right ? action : OPTIONS_WRONG;
}

void options_print_help(const struct filter *const *known, size_t count)
{
	printf("usage: %s\n\n"
	       "  -c CONFIG  the configuration file (%s)\n"
	       "  -m FILTER  only these filters, in this order\n"
	       "  -s SOCKET  instead of milter.socket: /PATH, unix:/PATH or inet:PORT@ADDRESS\n"
	       "  -t         check the configuration and exit\n"
	       "  -V         print the version\n"
	       "  -h         print this\n\nfilters, in their order:\n",
	       USAGE, CONFIG_DEFAULT_PATH);
	for (size_t i = 0; i < count; i++)
		printf("  %-9s  %s\n", known[i]->name, known[i]->purpose);
}
