/* SPDX-License-Identifier: BSD-2-Clause */
/* The antispam engine in `easymailctl status`: what the milter makes of it, and whether it answers at all. */
#include "common/unix_socket.h"
#include "ctl/status.h"
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define TIMEOUT_MS 3000
#define PING       "GET /ping HTTP/1.0\r\n\r\n"

/* One read may end in mid-answer; the first line and the word are far within the first packet. */
static bool ping(int fd, struct error *err)
{
	const struct timeval timeout = {.tv_sec = TIMEOUT_MS / 1000};
	char answer[1024] = "";

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (write(fd, PING, strlen(PING)) != (ssize_t)strlen(PING) ||
	    read(fd, answer, sizeof(answer) - 1) <= 0)
		return error_set(err, "rspamd gives no answer");
	return strstr(answer, "pong") != NULL || error_set(err, "what answers is no rspamd");
}

static bool ping_rspamd(const char *path, struct error *err)
{
	bool answers;
	int fd;

	if (!unix_connect(path, TIMEOUT_MS, &fd, err))
		return false;
	answers = ping(fd, err);
	close(fd);
	return answers;
}

void status_antispam(struct status *status, const struct json *state)
{
	const char *path = json_get_text(state, "socket");
	const char *breaker = json_get_text(state, "breaker");
	struct error err;

	if (strcmp(json_get_text(state, "engine"), "none") == 0) {
		status_note(
		    status, "antispam", true,
		    "engine: none; no message is checked for spam (option antispam.engine)");
		return;
	}
	if (ping_rspamd(path, &err))
		status_note(status, "antispam", true, "engine: rspamd, answers on %s", path);
	else
		status_note(status, "antispam", false,
			    "engine: rspamd on %s: %s; is easymail-rspamd started?", path,
			    err.text);
	status_note(status, "antispam", strcmp(breaker, "closed") == 0,
		    "breaker %s; since the start %lld answers, %lld failures, %lld verdicts "
		    "reused",
		    breaker, (long long)json_get_number(state, "answered"),
		    (long long)json_get_number(state, "failed"),
		    (long long)json_get_number(state, "reused"));
}
