/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of libmilter that the runner calls, over memory; edits work as Postfix does them. */
#include "tests/chain/fake_milter.h"
#include <arpa/inet.h>
#include <libmilter/mfapi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct smfiDesc registered;

static struct fake_session *session_of(SMFICTX *context)
{
	return (struct fake_session *)(void *)context;
}

static SMFICTX *context_of(struct fake_session *session)
{
	return (SMFICTX *)(void *)session;
}

static char *unconst(const char *text)
{
	return (char *)(uintptr_t)text;
}

int smfi_register(struct smfiDesc description)
{
	registered = description;
	return MI_SUCCESS;
}

int smfi_setconn(char *name)
{
	return strncmp(name, "fd:", 3) == 0 ? MI_SUCCESS : MI_FAILURE;
}

int smfi_opensocket(bool remove)
{
	return remove ? MI_FAILURE : MI_SUCCESS;
}

int smfi_main(void)
{
	return MI_SUCCESS;
}

size_t smfi_setmaxdatasize(size_t size)
{
	return size;
}

int smfi_setpriv(SMFICTX *context, void *private)
{
	session_of(context)->private = private;
	return MI_SUCCESS;
}

void *smfi_getpriv(SMFICTX *context)
{
	return session_of(context)->private;
}

char *smfi_getsymval(SMFICTX *context, char *name)
{
	return strcmp(name, "i") == 0 ? unconst(session_of(context)->queue_id) : NULL;
}

/* As strict as the real one. */
int smfi_setreply(SMFICTX *context, char *code, char *status, char *text)
{
	struct fake_session *session = session_of(context);

	if (strlen(code) != 3 || (code[0] != '4' && code[0] != '5') || status[0] != code[0] ||
	    strlen(text) > 980 || strpbrk(text, "\r\n") != NULL)
		return MI_FAILURE;
	snprintf(session->code, sizeof(session->code), "%s", code);
	snprintf(session->status, sizeof(session->status), "%s", status);
	snprintf(session->text, sizeof(session->text), "%s", text);
	return MI_SUCCESS;
}

static int put_header(struct fake_session *session, size_t index, const char *name,
		      const char *value)
{
	if (session->refuse_edits || session->header_count == FAKE_HEADERS_MAX)
		return MI_FAILURE;
	if (index > session->header_count)
		index = session->header_count;
	memmove(session->headers + index + 1, session->headers + index,
		(session->header_count - index) * sizeof(session->headers[0]));
	session->headers[index] = (struct fake_header){strdup(name), strdup(value)};
	session->header_count++;
	return MI_SUCCESS;
}

int smfi_addheader(SMFICTX *context, char *name, char *value)
{
	return put_header(session_of(context), FAKE_HEADERS_MAX, name, value);
}

/* 0 would be above the MTA's own Received, which is not on our list. */
int smfi_insheader(SMFICTX *context, int index, char *name, char *value)
{
	return index < 1 ? MI_FAILURE
			 : put_header(session_of(context), (size_t)index - 1, name, value);
}

static void remove_header(struct fake_session *session, size_t at)
{
	free(session->headers[at].name);
	free(session->headers[at].value);
	session->header_count--;
	memmove(session->headers + at, session->headers + at + 1,
		(session->header_count - at) * sizeof(session->headers[0]));
}

/* Counted anew at each call, from 1 per name; one that is not there is added (Postfix does so). */
int smfi_chgheader(SMFICTX *context, char *name, int index, char *value)
{
	struct fake_session *session = session_of(context);

	if (session->refuse_edits)
		return MI_FAILURE;
	for (size_t i = 0; i < session->header_count; i++) {
		if (strcasecmp(session->headers[i].name, name) != 0 || --index > 0)
			continue;
		if (value == NULL || value[0] == '\0') {
			remove_header(session, i);
			return MI_SUCCESS;
		}
		free(session->headers[i].value);
		session->headers[i].value = strdup(value);
		return MI_SUCCESS;
	}
	return value == NULL ? MI_SUCCESS : smfi_addheader(context, name, value);
}

int smfi_chgfrom(SMFICTX *context, char *sender, char *arguments)
{
	struct fake_session *session = session_of(context);

	if (session->refuse_edits || arguments != NULL)
		return MI_FAILURE;
	free(session->sender);
	session->sender = strdup(sender);
	return MI_SUCCESS;
}

int smfi_quarantine(SMFICTX *context, char *reason)
{
	session_of(context)->quarantined = strdup(reason);
	return MI_SUCCESS;
}

int smfi_replacebody(SMFICTX *context, unsigned char *body, int length)
{
	struct fake_session *session = session_of(context);

	if (session->refuse_edits)
		return MI_FAILURE;
	snprintf(session->body, sizeof(session->body), "%.*s", length, (const char *)body);
	return MI_SUCCESS;
}

static int note_recipient(SMFICTX *context, char sign, const char *recipient)
{
	struct fake_session *session = session_of(context);
	size_t used = strlen(session->recipients);

	if (session->refuse_edits)
		return MI_FAILURE;
	snprintf(session->recipients + used, sizeof(session->recipients) - used, "%c%s ", sign,
		 recipient);
	return MI_SUCCESS;
}

int smfi_addrcpt(SMFICTX *context, char *recipient)
{
	return note_recipient(context, '+', recipient);
}

int smfi_delrcpt(SMFICTX *context, char *recipient)
{
	return note_recipient(context, '-', recipient);
}

struct fake_session *fake_session_new(void)
{
	struct fake_session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		abort();
	return session;
}

void fake_headers_clear(struct fake_session *session)
{
	while (session->header_count > 0)
		remove_header(session, session->header_count - 1);
}

void fake_session_free(struct fake_session *session)
{
	fake_headers_clear(session);
	free(session->quarantined);
	free(session->sender);
	free(session);
}

static enum fake_answer answer_of(sfsistat status)
{
	switch (status) {
	case SMFIS_CONTINUE:
		return FAKE_CONTINUE;
	case SMFIS_REJECT:
		return FAKE_REJECT;
	case SMFIS_TEMPFAIL:
		return FAKE_TEMPFAIL;
	case SMFIS_DISCARD:
		return FAKE_DISCARD;
	case SMFIS_NOREPLY:
		return FAKE_NOREPLY;
	}
	return FAKE_OTHER;
}

/* libmilter would turn any answer into none where none was negotiated, and complain where one was. */
static enum fake_answer checked(const struct fake_session *session, unsigned long noreply_bit,
				sfsistat status)
{
	bool promised = (session->protocol & noreply_bit) != 0;

	if (promised != (status == SMFIS_NOREPLY))
		abort();
	return answer_of(status);
}

enum fake_answer fake_negotiate(struct fake_session *session, unsigned long without_actions,
				unsigned long without_protocol)
{
	unsigned long unused2, unused3;

	return answer_of(
	    registered.xxfi_negotiate(context_of(session), SMFI_CURR_ACTS & ~without_actions,
				      SMFI_CURR_PROT & ~without_protocol, 0, 0, &session->actions,
				      &session->protocol, &unused2, &unused3));
}

enum fake_answer fake_connect(struct fake_session *session, const char *ip)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr *address = (struct sockaddr *)&v4;

	if (ip == NULL)
		address = NULL;
	else if (inet_pton(AF_INET, ip, &v4.sin_addr) != 1)
		v4.sin_family = AF_UNIX;
	return checked(session, SMFIP_NR_CONN,
		       registered.xxfi_connect(context_of(session), unconst("client"), address));
}

enum fake_answer fake_helo(struct fake_session *session, const char *name)
{
	return checked(session, SMFIP_NR_HELO,
		       registered.xxfi_helo(context_of(session), unconst(name)));
}

enum fake_answer fake_mail(struct fake_session *session, const char *sender)
{
	char *arguments[] = {unconst(sender), NULL};

	return checked(session, SMFIP_NR_MAIL,
		       registered.xxfi_envfrom(context_of(session), arguments));
}

enum fake_answer fake_rcpt(struct fake_session *session, const char *recipient)
{
	char *arguments[] = {unconst(recipient), NULL};

	return checked(session, SMFIP_NR_RCPT,
		       registered.xxfi_envrcpt(context_of(session), arguments));
}

enum fake_answer fake_data(struct fake_session *session)
{
	return checked(session, SMFIP_NR_DATA, registered.xxfi_data(context_of(session)));
}

enum fake_answer fake_header(struct fake_session *session, const char *name, const char *value)
{
	(void)put_header(session, FAKE_HEADERS_MAX, name, value);
	return checked(session, SMFIP_NR_HDR,
		       registered.xxfi_header(context_of(session), unconst(name), unconst(value)));
}

enum fake_answer fake_eoh(struct fake_session *session)
{
	return checked(session, SMFIP_NR_EOH, registered.xxfi_eoh(context_of(session)));
}

enum fake_answer fake_body(struct fake_session *session, const char *text)
{
	return checked(session, SMFIP_NR_BODY,
		       registered.xxfi_body(context_of(session), (unsigned char *)unconst(text),
					    strlen(text)));
}

enum fake_answer fake_eom(struct fake_session *session)
{
	return answer_of(registered.xxfi_eom(context_of(session)));
}

void fake_abort(struct fake_session *session)
{
	(void)registered.xxfi_abort(context_of(session));
}

void fake_close(struct fake_session *session)
{
	(void)registered.xxfi_close(context_of(session));
	if (session->private != NULL)
		abort();
}

char *fake_headers_text(const struct fake_session *session)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < session->header_count; i++)
		fprintf(out, "%s:%s\n", session->headers[i].name, session->headers[i].value);
	fclose(out);
	return text;
}
