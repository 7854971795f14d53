/* SPDX-License-Identifier: BSD-2-Clause */
/* The scanner's part of easymail.conf. */
#ifndef EASYMAIL_SCANNER_SETTINGS_H
#define EASYMAIL_SCANNER_SETTINGS_H

#include "common/config.h"
#include "services/scanner/loader.h"

struct scanner_settings {
	struct loader_settings loader;
	unsigned workers;
	int timeout_ms;
	unsigned queue_limit;
	int queue_timeout_ms;
	int64_t canary_interval_ms;
	int64_t reload_interval_ms;
	size_t max_message_bytes;
};

/* False: a path is too long. Texts of the config are copied. */
bool scanner_settings_read(const struct config *config, struct scanner_settings *settings_r,
			   struct error *err) __attribute__((nonnull, warn_unused_result));

#endif
