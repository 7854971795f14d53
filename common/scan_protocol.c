/* SPDX-License-Identifier: BSD-2-Clause */
/* The scanner's requests and answers on a Unix socket. */
#include "common/scan_protocol.h"
#include "common/utf8.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_DESCRIPTORS 4

static const struct {
	uint32_t flag;
	const char *name;
} flag_names[] = {
    {SCAN_ENCRYPTED_ARCHIVE, "encrypted_archive"},
    {SCAN_ENCRYPTED_DOCUMENT, "encrypted_document"},
    {SCAN_MACROS, "macros"},
    {SCAN_PARTIAL, "partial"},
    {SCAN_OVER_LIMIT, "over_limit"},
};

const char *scan_verdict_name(uint32_t verdict)
{
	static const char *const names[] = {"invalid", "clean",   "infected",
					    "flagged", "unknown", "busy"};

	return verdict <= SCAN_BUSY ? names[verdict] : names[0];
}

void scan_flags_format(uint32_t flags, char *text_r, size_t size)
{
	size_t used = 0;

	text_r[0] = '\0';
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]) && used < size; i++) {
		if (flags & flag_names[i].flag)
			used += (size_t)snprintf(text_r + used, size - used, "%s%s",
						 used > 0 ? "," : "", flag_names[i].name);
	}
}

static void __attribute__((format(printf, 3, 0)))
answer_fill(struct scan_answer *answer_r, enum scan_verdict verdict, const char *format,
	    va_list arguments)
{
	memset(answer_r, 0, sizeof(*answer_r));
	answer_r->version = SCAN_PROTOCOL_VERSION;
	answer_r->verdict = verdict;
	vsnprintf(answer_r->why, sizeof(answer_r->why), format, arguments);
}

void scan_answer_unknown(struct scan_answer *answer_r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	answer_fill(answer_r, SCAN_UNKNOWN, format, arguments);
	va_end(arguments);
}

void scan_answer_busy(struct scan_answer *answer_r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	answer_fill(answer_r, SCAN_BUSY, format, arguments);
	va_end(arguments);
}

void scan_answer_no_facts(struct scan_answer *answer, const char *why)
{
	answer->facts = SCAN_FACTS_MISSING;
	snprintf(answer->facts_why, sizeof(answer->facts_why), "%s", why);
}

static void text_tame(char *text, size_t size)
{
	text[size - 1] = '\0';
	utf8_make_printable(text);
}

/* Do the flags fit the verdict? */
static bool flags_fit(const struct scan_answer *answer)
{
	if ((answer->flags & ~SCAN_FLAGS_ALL) != 0)
		return false;
	switch ((enum scan_verdict)answer->verdict) {
	case SCAN_CLEAN:
	case SCAN_BUSY:
		return answer->flags == 0;
	case SCAN_INFECTED:
		return (answer->flags & SCAN_OVER_LIMIT) == 0 && answer->signature[0] != '\0';
	case SCAN_FLAGGED:
		return answer->flags != 0 && (answer->flags & SCAN_OVER_LIMIT) == 0;
	case SCAN_UNKNOWN:
		return true;
	}
	return false;
}

void scan_answer_tame(struct scan_answer *answer)
{
	text_tame(answer->signature, sizeof(answer->signature));
	text_tame(answer->part_name, sizeof(answer->part_name));
	text_tame(answer->why, sizeof(answer->why));
	text_tame(answer->facts_why, sizeof(answer->facts_why));
	if (answer->version != SCAN_PROTOCOL_VERSION || !flags_fit(answer) ||
	    answer->facts > SCAN_FACTS_MISSING)
		scan_answer_unknown(answer, "the answer makes no sense");
}

void scan_request_tame(struct scan_request *request)
{
	request->flags &= SCAN_REQUEST_FACTS | SCAN_REQUEST_UNSCANNED;
	text_tame(request->id, sizeof(request->id));
}

bool scan_send(int socket, const void *data, size_t length, int fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = {.space = {0}};
	struct iovec part = {.iov_len = length};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t sent;

	memcpy(&part.iov_base, &data, sizeof(data)); /* sendmsg does not write there */
	if (fd >= 0) {
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	}
	do {
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0 && (size_t)sent != length)
		errno = EMSGSIZE;
	return sent >= 0 && (size_t)sent == length;
}

/* Takes the single descriptor out of a control message; any others are closed. */
static int take_descriptor(struct msghdr *message)
{
	int fds[MAX_DESCRIPTORS];
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		    count + bytes / sizeof(int) > MAX_DESCRIPTORS)
			continue;
		memcpy(fds + count, CMSG_DATA(c), bytes);
		count += bytes / sizeof(int);
	}
	if (count == 1)
		return fds[0];
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
	return -1;
}

enum scan_received scan_receive(int socket, void *data_r, size_t length, int *fd_r)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int) * MAX_DESCRIPTORS)];
	} control;
	struct iovec part = {.iov_base = data_r, .iov_len = length};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	bool complete;
	ssize_t got;
	int fd;

	message.msg_control = control.space;
	message.msg_controllen = sizeof(control.space);
	if (fd_r != NULL)
		*fd_r = -1;
	do {
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN ? SCAN_RECEIVED_AGAIN : SCAN_RECEIVED_BROKEN;
	complete = (size_t)got == length && (message.msg_flags & MSG_TRUNC) == 0;
	fd = take_descriptor(&message);
	if (complete && got > 0 && fd_r != NULL)
		*fd_r = fd;
	else if (fd >= 0)
		close(fd);
	if (got == 0)
		return SCAN_RECEIVED_END;
	return complete ? SCAN_RECEIVED : SCAN_RECEIVED_BROKEN;
}
