/* SPDX-License-Identifier: BSD-2-Clause */
/* From configuration to settings, and the limits that follow from them. */
#include "services/scanner/scanner_settings.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MIME_PARTS    2000
#define MIME_DEPTH    40
#define ARCHIVE_FILES 10000
#define ARCHIVE_DEPTH 17
#define MAX_WORKERS   256

static unsigned worker_count(int64_t wanted)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (wanted > 0)
		return (unsigned)wanted;
	if (processors < 1)
		return 1;
	return processors > MAX_WORKERS ? MAX_WORKERS : (unsigned)processors;
}

static bool copy_path(const struct config *config, const char *name, char *path_r, size_t size,
		      struct error *err)
{
	const char *path = config_text(config, name);

	if (strlen(path) >= size)
		return error_set(err, "%s: longer than %zu octets", name, size - 1);
	snprintf(path_r, size, "%s", path);
	return true;
}

/* What libclamav unpacks in one scan fits twice into the place for temporary files. */
static void set_limits(const struct config *config, struct loader_settings *loader)
{
	uint64_t temp_bytes = (uint64_t)config_number(config, "scanner.temp_bytes");
	uint64_t message = (uint64_t)config_number(config, "scanner.max_message_bytes");

	loader->limits = (struct engine_limits){
	    .scan_bytes = temp_bytes / 2, .files = ARCHIVE_FILES, .depth = ARCHIVE_DEPTH};
	loader->worker.max_message_bytes = message;
	loader->worker.temp_bytes_needed = temp_bytes / 2;
	loader->worker.limits = (struct mime_limits){
	    .parts = MIME_PARTS, .depth = MIME_DEPTH, .decoded_bytes = message * 2};
	loader->worker.jail.temp_bytes = temp_bytes;
	loader->worker.jail.memory_bytes = (uint64_t)config_number(config, "scanner.memory_bytes");
	loader->worker.jail.namespaces = (int32_t)config_number(config, "scanner.namespaces");
}

bool scanner_settings_read(const struct config *config, struct scanner_settings *settings_r,
			   struct error *err)
{
	struct loader_settings *loader = &settings_r->loader;

	memset(settings_r, 0, sizeof(*settings_r));
	set_limits(config, loader);
	loader->reload_interval_ms = config_number(config, "scanner.reload_interval");
	loader->log_target = (int32_t)config_number(config, "log.target");
	settings_r->workers = worker_count(config_number(config, "scanner.workers"));
	settings_r->timeout_ms = (int)config_number(config, "scanner.timeout");
	settings_r->queue_limit = (unsigned)config_number(config, "scanner.queue_limit");
	settings_r->queue_timeout_ms = (int)config_number(config, "scanner.queue_timeout");
	settings_r->canary_interval_ms = config_number(config, "scanner.canary_interval");
	settings_r->reload_interval_ms = loader->reload_interval_ms;
	settings_r->max_message_bytes = loader->worker.max_message_bytes;
	return copy_path(config, "scanner.database_directory", loader->database_directory,
			 sizeof(loader->database_directory), err) &&
	       copy_path(config, "scanner.temp_directory", loader->worker.jail.temp_directory,
			 sizeof(loader->worker.jail.temp_directory), err);
}
