/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the scanner's status and the age of its signatures. */
#include "ctl/scanner_state.h"
#include "common/scan_protocol.h"
#include "ctl/ask.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool scanner_state_ask(const struct ctl *ctl, struct json **state_r, struct error *err)
{
	return ask_status(config_text(ctl->config, "scanner.control_socket"), state_r, err);
}

bool scanner_state_is_serving(const struct json *state)
{
	return strcmp(json_get_text(state, "state"), "serving") == 0 &&
	       json_get_text(state, "error")[0] == '\0';
}

void scanner_state_jail(const struct json *state, bool holding, char text_r[SCANNER_TEXT_SIZE])
{
	static const char *const features[] = {"own_tmpfs", "no_network",    "landlock",
					       "seccomp",   "no_privileges", "limits"};
	const struct json *jail = json_get(state, "jail");
	size_t used = 0;

	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		bool holds = jail != NULL && json_get_bool(jail, features[i]);

		if (holds == holding)
			used += (size_t)snprintf(text_r + used, SCANNER_TEXT_SIZE - used, "%s%s",
						 used > 0 ? ", " : "", features[i]);
	}
	if (used == 0)
		snprintf(text_r, SCANNER_TEXT_SIZE, "nothing");
}

void scanner_state_verdicts(const struct json *state, char text_r[SCANNER_TEXT_SIZE])
{
	const struct json *verdicts = json_get(state, "verdicts");
	size_t used = 0;

	text_r[0] = '\0';
	for (uint32_t verdict = SCAN_CLEAN; verdicts != NULL && verdict <= SCAN_BUSY; verdict++) {
		const char *name = scan_verdict_name(verdict);

		used += (size_t)snprintf(text_r + used, SCANNER_TEXT_SIZE - used, "%s%s %lld",
					 used > 0 ? ", " : "", name,
					 (long long)json_get_number(verdicts, name));
	}
}

/* The newest modification among the directory's files; 0 when it has none. */
static int64_t newest_file(DIR *directory)
{
	const struct dirent *entry;
	int64_t newest = 0;
	struct stat file;

	while ((entry = readdir(directory)) != NULL) {
		if (fstatat(dirfd(directory), entry->d_name, &file, 0) == 0 &&
		    S_ISREG(file.st_mode) && file.st_mtime > newest)
			newest = file.st_mtime;
	}
	return newest;
}

bool scanner_signatures_time(const struct ctl *ctl, int64_t *time_r, struct error *err)
{
	const char *path = config_text(ctl->config, "scanner.database_directory");
	DIR *directory = opendir(path);

	if (directory == NULL)
		return error_set(err, "%s: %s", path, strerror(errno));
	*time_r = newest_file(directory);
	closedir(directory);
	return *time_r > 0 || error_set(err, "%s: has no files", path);
}
