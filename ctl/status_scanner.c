/* SPDX-License-Identifier: BSD-2-Clause */
/* The virus scanner in `easymailctl status`. */
#include "ctl/scanner_state.h"
#include "ctl/status.h"
#include <string.h>
#include <time.h>

#define SIGNATURES_OLD_DAYS 7 /* freshclam brings new ones every day */

static void note_service(const struct ctl *ctl, struct status *status, const struct json *state)
{
	const char *error = json_get_text(state, "error");

	status_note(status, "scanner", scanner_state_is_serving(state),
		    "answers on %s: %s, %lld signatures, generation %lld%s%s",
		    config_text(ctl->config, "scanner.control_socket"),
		    json_get_text(state, "state"), (long long)json_get_number(state, "signatures"),
		    (long long)json_get_number(state, "generation"), error[0] != '\0' ? "; " : "",
		    error);
}

static void note_workers(struct status *status, const struct json *state)
{
	long long workers = json_get_number(state, "workers");
	long long wanted = json_get_number(state, "workers_wanted");

	status_note(status, "scanner", workers > 0 && workers >= wanted,
		    "%lld of %lld workers, %lld busy, %lld of %lld messages wait; lost since the "
		    "start: %lld",
		    workers, wanted, (long long)json_get_number(state, "busy"),
		    (long long)json_get_number(state, "queue"),
		    (long long)json_get_number(state, "queue_limit"),
		    (long long)json_get_number(state, "workers_lost"));
}

/* Two intervals: a worker that is busy scans its canary later. */
static void note_canary(const struct ctl *ctl, struct status *status, const struct json *state)
{
	int64_t ago = json_get_number(state, "last_canary_seconds");
	int64_t limit_ms = 2 * config_number(ctl->config, "scanner.canary_interval") +
			   config_number(ctl->config, "scanner.timeout");

	if (ago < 0)
		status_note(status, "scanner", false, "no worker has found its canary yet");
	else
		status_note(status, "scanner", ago * 1000 <= limit_ms,
			    "a canary was found %lld s ago; missed since the start: %lld",
			    (long long)ago, (long long)json_get_number(state, "canaries_missed"));
}

static void note_age(const struct ctl *ctl, struct status *status)
{
	struct error err;
	int64_t written;
	long long days;

	if (!scanner_signatures_time(ctl, &written, &err)) {
		status_note(status, "scanner", false, "signatures: %s", err.text);
		return;
	}
	days = (time(NULL) - written) / 86400;
	status_note(status, "scanner", days < SIGNATURES_OLD_DAYS,
		    "the newest file of signatures is %lld days old%s", days,
		    days < SIGNATURES_OLD_DAYS ? "" : "; does freshclam run?");
}

/* Namespaces and Landlock are what keeps a worker from other files; either will do. */
static void note_jail(struct status *status, const struct json *state)
{
	const struct json *jail = json_get(state, "jail");
	char holds[SCANNER_TEXT_SIZE], lacks[SCANNER_TEXT_SIZE];
	bool well = jail != NULL && json_get_bool(jail, "seccomp") &&
		    json_get_bool(jail, "no_privileges") && json_get_bool(jail, "limits") &&
		    (json_get_bool(jail, "own_tmpfs") || json_get_bool(jail, "landlock"));

	scanner_state_jail(state, true, holds);
	scanner_state_jail(state, false, lacks);
	status_note(status, "scanner", well, "the workers' jail holds: %s; lacks: %s", holds,
		    lacks);
}

void status_scanner(struct ctl *ctl, struct status *status)
{
	struct json *state;
	struct error err;

	if (!scanner_state_ask(ctl, &state, &err)) {
		status_note(status, "scanner", false, "%s", err.text);
		return;
	}
	note_service(ctl, status, state);
	note_workers(status, state);
	note_canary(ctl, status, state);
	note_age(ctl, status);
	note_jail(status, state);
	json_drop(state);
}
