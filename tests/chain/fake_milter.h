/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A libmilter that a test drives: it holds the callbacks that the runner registers and keeps what the
 * MTA would have. Sessions of several threads do not share anything.
 */
#ifndef EASYMAIL_FAKE_MILTER_H
#define EASYMAIL_FAKE_MILTER_H

#include <stdbool.h>
#include <stddef.h>

enum fake_answer {
	FAKE_CONTINUE,
	FAKE_REJECT,
	FAKE_TEMPFAIL,
	FAKE_DISCARD,
	FAKE_NOREPLY,
	FAKE_OTHER,
};

#define FAKE_HEADERS_MAX 1100

struct fake_header {
	char *name, *value;
};

/* What the MTA has of a session and its message. */
struct fake_session {
	void *private;
	const char *queue_id;                         /* macro i; NULL: not given */
	char code[8], status[12], text[1024];         /* of the last smfi_setreply */
	struct fake_header headers[FAKE_HEADERS_MAX]; /* without the MTA's own Received */
	size_t header_count;
	char *quarantined;
	char body[256];                  /* what smfi_replacebody was told, "" for nothing */
	char recipients[256];            /* "-<a@b> +<c@d> " as they were told */
	char *sender;                    /* of the last smfi_chgfrom; NULL: as it came */
	bool refuse_edits;               /* the MTA is gone: edits fail */
	unsigned long actions, protocol; /* as negotiated */
};

struct fake_session *fake_session_new(void);
void fake_session_free(struct fake_session *session);
void fake_headers_clear(struct fake_session *session);

/* An MTA that offers everything but these actions (SMFIF_…) and this of the protocol (SMFIP_…). */
enum fake_answer fake_negotiate(struct fake_session *session, unsigned long without_actions,
				unsigned long without_protocol);
enum fake_answer fake_connect(struct fake_session *session, const char *ip); /* NULL: no address */
enum fake_answer fake_helo(struct fake_session *session, const char *name);
enum fake_answer fake_mail(struct fake_session *session, const char *sender);
enum fake_answer fake_rcpt(struct fake_session *session, const char *recipient);
enum fake_answer fake_data(struct fake_session *session);
/* Also puts it on the MTA's list. */
enum fake_answer fake_header(struct fake_session *session, const char *name, const char *value);
enum fake_answer fake_eoh(struct fake_session *session);
enum fake_answer fake_body(struct fake_session *session, const char *text);
enum fake_answer fake_eom(struct fake_session *session);
void fake_abort(struct fake_session *session);
void fake_close(struct fake_session *session);

/* The names and values in order, "Name:value\n" each; the caller frees. */
char *fake_headers_text(const struct fake_session *session);

#endif
