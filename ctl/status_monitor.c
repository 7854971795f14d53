/* SPDX-License-Identifier: BSD-2-Clause */
/* The supervision of egress IPs in `easymailctl status`. */
#include "ctl/ask.h"
#include "ctl/status.h"
#include <unistd.h>

static void note_work(struct status *status, const struct json *answer)
{
	status_note(
	    status, "monitor", true,
	    "watches %lld addresses on %lld blocklists: %lld looks and %lld changes since its "
	    "start",
	    (long long)json_get_number(answer, "addresses"),
	    (long long)json_get_number(answer, "blocklists"),
	    (long long)json_get_number(answer, "looks"),
	    (long long)json_get_number(answer, "moves"));
}

static void note_error(struct status *status, const struct json *answer)
{
	const char *text = json_get_text(answer, "error");

	if (text[0])
		status_note(status, "monitor", false, "%s", text);
}

/* A list that does not count watches nothing. */
static void note_lists(struct status *status, const struct json *answer)
{
	long long bad = (long long)json_get_number(answer, "blocklists_not_counted");

	if (bad > 0)
		status_note(
		    status, "monitor", false,
		    "%lld blocklists do not count now; `easymailctl blocklist list` says why", bad);
}

static void note_states(struct status *status, const struct json *answer)
{
	static const char *const states[] = {"limited", "listed", "down"};
	const struct json *counts = json_get(answer, "states");

	for (size_t i = 0; counts && i < sizeof(states) / sizeof(states[0]); i++) {
		long long count = (long long)json_get_number(counts, states[i]);

		if (count > 0)
			status_note(
			    status, "monitor", false,
			    "%s: %lld of the addresses; `easymailctl egress list` shows which",
			    states[i], count);
	}
}

void status_monitor(struct ctl *ctl, struct status *status)
{
	const char *socket = config_text(ctl->config, "monitor.control_socket");
	struct json *answer;
	struct error err;

	if (ask_status(socket, &answer, &err)) {
		note_work(status, answer);
		note_error(status, answer);
		note_lists(status, answer);
		note_states(status, answer);
		json_drop(answer);
	} else if (access(socket, F_OK) == 0) {
		status_note(status, "monitor", false, "%s", err.text);
	} else {
		status_note(status, "monitor", true,
			    "was never started: no egress address is supervised");
	}
}
