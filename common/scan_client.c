/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection, one request, one answer. */
#include "common/scan_client.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/unix_socket.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Waits until the socket has something to read; false: the deadline passed or poll failed. */
static bool wait_readable(int fd, int64_t deadline_ms)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};

	for (;;) {
		int64_t left = deadline_ms - clock_ms();
		int ready = poll(&waiting, 1, left > 0 ? (int)left : 0);

		if (ready > 0)
			return true;
		if (ready == 0 || errno != EINTR)
			return false;
	}
}

/* The facts beside an answer, or why there are none. */
static void take_facts(struct scan_answer *answer, int fd, size_t message_length,
		       struct message_facts **facts_r)
{
	struct error err;

	if (answer->facts == SCAN_FACTS_GIVEN && fd < 0)
		scan_answer_no_facts(answer, "the facts did not come with the answer");
	else if (answer->facts == SCAN_FACTS_GIVEN &&
		 !message_facts_open(fd, message_length, facts_r, &err))
		scan_answer_no_facts(answer, err.text);
	else if (answer->facts == SCAN_FACTS_UNASKED)
		scan_answer_no_facts(answer, answer->why);
}

/* The exchange on a connected socket. */
static void ask_connected(int fd, const struct spool *spool, const struct scan_request *request,
			  int64_t deadline_ms, struct scan_answer *answer_r,
			  struct message_facts **facts_r)
{
	struct scan_request packet = *request;
	int facts_fd = -1;

	packet.version = SCAN_PROTOCOL_VERSION;
	packet.flags |= facts_r != NULL ? SCAN_REQUEST_FACTS : 0;
	if (!scan_send(fd, &packet, sizeof(packet), spool_fd(spool))) {
		scan_answer_unknown(answer_r, "the scanner takes no message: %s", strerror(errno));
		return;
	}
	if (!wait_readable(fd, deadline_ms)) {
		scan_answer_unknown(answer_r, "the scanner gave no answer in time");
		return;
	}
	if (scan_receive(fd, answer_r, sizeof(*answer_r), &facts_fd) != SCAN_RECEIVED) {
		scan_answer_unknown(answer_r, "the scanner closed the connection");
		return;
	}
	scan_answer_tame(answer_r);
	if (facts_r != NULL)
		take_facts(answer_r, facts_fd, spool_length(spool), facts_r);
	if (facts_fd >= 0)
		close(facts_fd);
}

void scan_client_ask(const char *socket_path, const struct spool *spool,
		     const struct scan_request *request, int timeout_ms,
		     struct scan_answer *answer_r, struct message_facts **facts_r)
{
	int64_t deadline_ms = clock_ms() + timeout_ms;
	struct error err;
	int fd;

	if (facts_r != NULL)
		*facts_r = NULL;
	if (unix_connect(socket_path, timeout_ms, &fd, &err)) {
		ask_connected(fd, spool, request, deadline_ms, answer_r, facts_r);
		close(fd);
	} else {
		log_warning("%s: scanner: %s", request->id, err.text);
		scan_answer_unknown(answer_r, "the scanner cannot be reached");
	}
	if (facts_r != NULL && *facts_r == NULL && answer_r->facts != SCAN_FACTS_MISSING)
		scan_answer_no_facts(answer_r, answer_r->why);
}
