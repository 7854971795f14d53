/* SPDX-License-Identifier: BSD-2-Clause */
/* One option's value and its text. Internal to the configuration. */
#ifndef EASYMAIL_CONFIG_VALUE_H
#define EASYMAIL_CONFIG_VALUE_H

#include "common/config.h"

/* The numeric value of every kind but text and path, which have none: `*number_r` is then 0. The error
 * is what is wrong with the value and the mend, without name and place. */
bool config_value_parse(const struct config_option *option, const char *text, int64_t *number_r,
			struct error *err) __attribute__((nonnull, warn_unused_result));

/* The option whose name a typing mistake may have turned into `name`; NULL when none is near. */
const struct config_option *config_value_nearest(const char *name) __attribute__((nonnull));

#endif
