/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal and who fills it, in `easymailctl status`. */
#include "common/journal_position.h"
#include "ctl/ask.h"
#include "ctl/status.h"
#include <unistd.h>

#define LAG_MAX_BYTES (1 << 20) /* of the log: some 5 000 lines */

/* Did a tracker ever fill this journal? */
static bool has_run(struct journal *journal)
{
	struct journal_position position;
	struct error err;

	return journal_begin(journal, &err) &&
	       (journal_position_get(journal, "file", &position, &err) != FOUND_NONE ||
		journal_position_get(journal, "journald", &position, &err) != FOUND_NONE);
}

/* Gives whether a tracker is to be expected. */
static bool note_journal(struct ctl *ctl, struct status *status)
{
	const char *path = config_text(ctl->config, "journal");
	struct journal *journal;
	struct error err;
	bool expected;

	if (!journal_open(path, JOURNAL_READ,
			  (int)config_number(ctl->config, "database.busy_timeout"), &journal,
			  &err)) {
		status_note(status, "journal", false, "%s", err.text);
		return true;
	}
	expected = has_run(journal);
	journal_close(journal);
	status_note(status, "journal", true, "%s: schema %d", path, journal_schema_newest());
	return expected;
}

static void note_error(struct status *status, const struct json *answer, const char *key)
{
	const char *text = json_get_text(answer, key);

	if (text[0])
		status_note(status, "tracker", false, "%s", text);
}

static void note_lag(struct status *status, const struct json *answer)
{
	long long lag = (long long)json_get_number(answer, "lag_bytes");
	const char *last = json_get_text(answer, "last_line");
	char behind[64] = "";

	if (lag >= 0)
		snprintf(behind, sizeof(behind), ", %lld octets to go", lag);
	status_note(status, "tracker", lag <= LAG_MAX_BYTES,
		    "reads %s: %lld lines, %lld deliveries since its start, the last line of %s%s",
		    json_get_text(answer, "source"), (long long)json_get_number(answer, "lines"),
		    (long long)json_get_number(answer, "deliveries"),
		    last[0] ? last : "no time yet", behind);
}

void status_tracker(struct ctl *ctl, struct status *status)
{
	const char *socket = config_text(ctl->config, "tracker.control_socket");
	bool expected = note_journal(ctl, status) || access(socket, F_OK) == 0;
	struct json *answer;
	struct error err;

	if (ask_status(socket, &answer, &err)) {
		note_lag(status, answer);
		note_error(status, answer, "journal_error");
		note_error(status, answer, "log_error");
		note_error(status, answer, "rules_error");
		json_drop(answer);
	} else if (expected) {
		status_note(status, "tracker", false, "%s", err.text);
	} else {
		status_note(status, "tracker", true,
			    "was never started: what becomes of mail is not recorded");
	}
}
