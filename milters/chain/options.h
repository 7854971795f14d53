/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of easymail-milter. */
#ifndef EASYMAIL_OPTIONS_H
#define EASYMAIL_OPTIONS_H

#include "milters/chain/filter.h"
#include <stddef.h>

enum options_action {
	OPTIONS_RUN,
	OPTIONS_CHECK,   /* -t */
	OPTIONS_VERSION, /* -V */
	OPTIONS_HELP,    /* -h */
	OPTIONS_WRONG,   /* what is wrong is on standard error */
};

#define OPTIONS_FILTERS_MAX 16

struct options {
	const char *config_path;
	const char *socket; /* NULL: as configured */
	const struct filter *filters[OPTIONS_FILTERS_MAX];
	size_t filter_count;
};

/* Without -m all of `known` run, in their order. */
enum options_action options_parse(int argc, char **argv, const struct filter *const *known,
				  size_t count, struct options *options_r) __attribute__((nonnull));

/* The usage text on standard output. */
void options_print_help(const struct filter *const *known, size_t count) __attribute__((nonnull));

#endif
