/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl scanner: what the virus scanner does, and new signatures for it. */
#include "common/clock.h"
#include "ctl/ask.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/scanner_state.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RELOAD_LIMIT_S 300 /* millions of signatures load in less than a minute */
#define RELOAD_POLL_US 100000

static long long number(const struct json *state, const char *key)
{
	return (long long)json_get_number(state, key);
}

static void put_format(struct json *object, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put_format(struct json *object, const char *key, const char *format, ...)
{
	va_list arguments;
	char text[2 * SCANNER_TEXT_SIZE + 32];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	json_put_text(object, key, text);
}

static void put_signatures(const struct ctl *ctl, const struct json *state, struct json *view)
{
	struct error err;
	int64_t written;

	if (scanner_signatures_time(ctl, &written, &err))
		put_format(view, "signatures", "%lld, generation %lld, newest file %lld h old%s",
			   number(state, "signatures"), number(state, "generation"),
			   (long long)(time(NULL) - written) / 3600,
			   json_get_bool(state, "loading") ? ", loading others" : "");
	else
		put_format(view, "signatures", "%lld, generation %lld, %s",
			   number(state, "signatures"), number(state, "generation"), err.text);
}

static void put_canary(const struct json *state, struct json *view)
{
	long long ago = number(state, "last_canary_seconds");

	if (ago < 0)
		json_put_text(view, "canary", "not found yet");
	else
		put_format(view, "canary", "found %lld s ago; found %lld times, missed %lld times",
			   ago, number(state, "canaries_found"), number(state, "canaries_missed"));
}

/* The state as people read it, a line for each matter. */
static struct json *view_of(const struct ctl *ctl, const struct json *state)
{
	char holds[SCANNER_TEXT_SIZE], lacks[SCANNER_TEXT_SIZE], verdicts[SCANNER_TEXT_SIZE];
	struct json *view = json_new_object();

	scanner_state_jail(state, true, holds);
	scanner_state_jail(state, false, lacks);
	scanner_state_verdicts(state, verdicts);
	json_put_text(view, "state", json_get_text(state, "state"));
	json_put_text(view, "error", json_get_text(state, "error"));
	put_signatures(ctl, state, view);
	put_format(view, "workers", "%lld of %lld, %lld busy, %lld lost since the start",
		   number(state, "workers"), number(state, "workers_wanted"), number(state, "busy"),
		   number(state, "workers_lost"));
	put_format(view, "queue", "%lld of %lld", number(state, "queue"),
		   number(state, "queue_limit"));
	put_format(view, "jail", "holds: %s; lacks: %s", holds, lacks);
	put_canary(state, view);
	json_put_text(view, "verdicts", verdicts);
	put_format(view, "loads", "%lld good, %lld bad", number(state, "loads"),
		   number(state, "loads_failed"));
	return view;
}

bool ctl_scanner_status(struct ctl *ctl, struct error *err)
{
	struct json *state;

	if (!scanner_state_ask(ctl, &state, err))
		return error_prefix(err, "scanner: ");
	ctl->findings = !scanner_state_is_serving(state);
	if (!ctl->json) {
		struct json *view = view_of(ctl, state);

		json_drop(state);
		state = view;
	}
	output_object(ctl, "state error signatures workers queue jail canary verdicts loads",
		      state);
	return true;
}

/* What tells a load that ended after our question from those before. */
struct reload {
	int64_t pid;
	int64_t loads; /* good and bad ones, to be reached */
};

static int64_t loads_of(const struct json *state)
{
	return json_get_number(state, "loads") + json_get_number(state, "loads_failed");
}

/* Has it come to its end? False with an error: it never will. */
static bool reload_has_ended(const struct reload *reload, const struct json *state, bool *ended_r,
			     struct error *err)
{
	if (json_get_number(state, "pid") != reload->pid)
		return error_set(err, "the scanner was restarted meanwhile; see `easymailctl "
				      "scanner status`");
	*ended_r = loads_of(state) >= reload->loads && !json_get_bool(state, "loading");
	return true;
}

/* The state after the load; false: none within the time. */
static bool await_reload(const struct ctl *ctl, const struct reload *reload, struct json **state_r,
			 struct error *err)
{
	int64_t until_ms = clock_ms() + RELOAD_LIMIT_S * 1000;
	bool ended = false;

	while (clock_ms() < until_ms) {
		if (!scanner_state_ask(ctl, state_r, err))
			return false;
		if (!reload_has_ended(reload, *state_r, &ended, err)) {
			json_drop(*state_r);
			return false;
		}
		if (ended)
			return true;
		json_drop(*state_r);
		usleep(RELOAD_POLL_US);
	}
	return error_set(err, "still loads after %d s; see `easymailctl scanner status`",
			 RELOAD_LIMIT_S);
}

static bool report_reload(const struct ctl *ctl, const struct json *state, struct error *err)
{
	const char *why = json_get_text(state, "error");

	if (why[0] != '\0')
		return error_set(err, "%s%s", why,
				 json_get_number(state, "generation") > 0
				     ? "; the old signatures stay in service"
				     : "; there are none in service");
	output_done(ctl, "%lld signatures are in service, generation %lld, with %lld workers",
		    number(state, "signatures"), number(state, "generation"),
		    number(state, "workers_wanted"));
	return true;
}

/* Asks for a load and waits for its end. A load that is under way already does not count: it may
 * have read the files before they changed, and the scanner loads once more after it. */
static bool reload(const struct ctl *ctl, struct error *err)
{
	const char *socket = config_text(ctl->config, "scanner.control_socket");
	struct reload wanted;
	struct json *state;
	bool done;

	if (!ask_status(socket, &state, err))
		return false;
	wanted.pid = json_get_number(state, "pid");
	wanted.loads = loads_of(state) + (json_get_bool(state, "loading") ? 2 : 1);
	json_drop(state);
	if (!ask_command(socket, "reload", err) || !await_reload(ctl, &wanted, &state, err))
		return false;
	done = report_reload(ctl, state, err);
	json_drop(state);
	return done;
}

bool ctl_scanner_reload(struct ctl *ctl, struct error *err)
{
	return reload(ctl, err) || error_prefix(err, "scanner: ");
}
