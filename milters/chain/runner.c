/* SPDX-License-Identifier: BSD-2-Clause */
/* libmilter's callbacks, each translated into an event of a conversation and its verdict back. */
#include "milters/chain/runner.h"
#include "common/log.h"
#include "milters/chain/conversation.h"
#include <libmilter/mfapi.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Postfix passes headers of up to header_size_limit, 102400 octets; libmilter's own limit is 65535. */
#define DATA_SIZE_MAX (256 * 1024 - 1)
/* libmilter refuses longer ones. */
#define REPLY_LENGTH_MAX 980

/* An address in angle brackets. */
#define SENDER_PATH_MAX 512

/* libmilter's callbacks get nothing of ours until there is a session. */
static struct chain *runner_chain;

/* What it writes to is not const in libmilter's declarations, but it only reads. */
static char *unconst(const char *text)
{
	return (char *)(uintptr_t)text;
}

static const char *queue_id_of(SMFICTX *context)
{
	return smfi_getsymval(context, unconst("i"));
}

/* RFC 3463 X.3.2: the system is not accepting messages. For sessions that are not ours to serve. */
static sfsistat say_no_session(SMFICTX *context)
{
	smfi_setreply(context, unconst("451"), unconst("4.3.2"),
		      unconst("The relay has too many sessions, try again later"));
	return SMFIS_TEMPFAIL;
}

/* The MTA takes a percent sign for the beginning of an escape. */
static void double_percent(const char *text, char *out_r, size_t size)
{
	size_t used = 0;

	for (; *text != '\0' && used + 2 < size; text++) {
		out_r[used++] = *text;
		if (*text == '%')
			out_r[used++] = '%';
	}
	out_r[used] = '\0';
}

static void set_reply(SMFICTX *context, const struct reply *reply)
{
	char code[12];
	char text[REPLY_LENGTH_MAX];

	snprintf(code, sizeof(code), "%d", reply->code);
	double_percent(reply->text, text, sizeof(text));
	if (smfi_setreply(context, code, unconst(reply->status), text) != MI_SUCCESS)
		log_error("the reply \"%s %s %s\" could not be set", code, reply->status, text);
}

static sfsistat to_milter(SMFICTX *context, const struct conversation *conversation,
			  enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_CONTINUE:
		return SMFIS_CONTINUE;
	case VERDICT_REJECT:
		set_reply(context, conversation_reply(conversation));
		return SMFIS_REJECT;
	case VERDICT_TEMPFAIL:
		set_reply(context, conversation_reply(conversation));
		return SMFIS_TEMPFAIL;
	case VERDICT_DISCARD:
		return SMFIS_DISCARD;
	}
	return SMFIS_TEMPFAIL;
}

static unsigned long actions_of(const struct chain *chain)
{
	unsigned changes = chain_changes(chain);
	unsigned long actions = 0;

	if (changes & FILTER_CHANGES_HEADERS)
		actions |= SMFIF_ADDHDRS | SMFIF_CHGHDRS;
	if (changes & FILTER_CHANGES_BODY)
		actions |= SMFIF_CHGBODY;
	if (changes & FILTER_CHANGES_RECIPIENTS)
		actions |= SMFIF_ADDRCPT | SMFIF_DELRCPT;
	if (changes & FILTER_CHANGES_SENDER)
		actions |= SMFIF_CHGFROM;
	if (changes & FILTER_QUARANTINES)
		actions |= SMFIF_QUARANTINE;
	return actions;
}

/* What the MTA need not send, and where it need not wait for us. */
static unsigned long protocol_of(const struct chain *chain)
{
	unsigned long protocol = SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC | SMFIP_NR_CONN |
				 SMFIP_NR_HELO | SMFIP_NR_HDR | SMFIP_NR_BODY;

	if (!chain_asks_rcpt(chain))
		protocol |= SMFIP_NR_RCPT;
	if (!chain_asks_data(chain))
		protocol |= SMFIP_NR_DATA;
	if (!chain_asks_body(chain))
		protocol |= SMFIP_NOBODY;
	return protocol;
}

/*
 * libmilter offers every SMFIP_NR_… itself and answers in our place when the MTA lacks it; the rest we
 * cannot do without: an MTA that lacks it is refused, which is a tempfail there.
 */
/* NOLINTNEXTLINE(readability-function-size): the parameters are libmilter's */
static sfsistat on_negotiate(SMFICTX *context, unsigned long actions, unsigned long protocol,
			     unsigned long unused2, unsigned long unused3, unsigned long *actions_r,
			     unsigned long *protocol_r, unsigned long *unused2_r,
			     unsigned long *unused3_r)
{
	(void)context;
	(void)unused2;
	(void)unused3;
	*actions_r = actions_of(runner_chain);
	*protocol_r = protocol_of(runner_chain);
	*unused2_r = 0;
	*unused3_r = 0;
	if ((*actions_r & ~actions) == 0 && (*protocol_r & ~protocol) == 0)
		return SMFIS_CONTINUE;
	log_error("the MTA does not offer what the chain needs: actions %#lx of %#lx, protocol "
		  "%#lx of %#lx",
		  actions, *actions_r, protocol, *protocol_r);
	return SMFIS_REJECT;
}

static sfsistat on_connect(SMFICTX *context, char *name, _SOCK_ADDR *address)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation == NULL)
		conversation = conversation_new(runner_chain);
	smfi_setpriv(context, conversation);
	if (conversation == NULL)
		log_warning("session refused: milter.max_sessions (%u) is reached",
			    runner_chain->limits.max_sessions);
	else
		conversation_connect(conversation, name, address);
	return SMFIS_NOREPLY;
}

static sfsistat on_helo(SMFICTX *context, char *name)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation != NULL)
		conversation_helo(conversation, name);
	return SMFIS_NOREPLY;
}

static sfsistat on_mail(SMFICTX *context, char **arguments)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation == NULL)
		return say_no_session(context);
	return to_milter(context, conversation,
			 conversation_mail(conversation, arguments[0], queue_id_of(context)));
}

static sfsistat on_rcpt(SMFICTX *context, char **arguments)
{
	struct conversation *conversation = smfi_getpriv(context);
	enum verdict verdict = VERDICT_CONTINUE;

	if (conversation != NULL)
		verdict = conversation_rcpt(conversation, arguments[0]);
	if (!chain_asks_rcpt(runner_chain))
		return SMFIS_NOREPLY;
	return conversation == NULL ? say_no_session(context)
				    : to_milter(context, conversation, verdict);
}

static sfsistat on_data(SMFICTX *context)
{
	struct conversation *conversation = smfi_getpriv(context);
	enum verdict verdict = VERDICT_CONTINUE;

	if (conversation != NULL)
		verdict = conversation_data(conversation, queue_id_of(context));
	if (!chain_asks_data(runner_chain))
		return SMFIS_NOREPLY;
	return conversation == NULL ? say_no_session(context)
				    : to_milter(context, conversation, verdict);
}

static sfsistat on_header(SMFICTX *context, char *name, char *value)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation != NULL)
		conversation_header(conversation, name, value);
	return SMFIS_NOREPLY;
}

static sfsistat on_eoh(SMFICTX *context)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation == NULL)
		return say_no_session(context);
	return to_milter(context, conversation,
			 conversation_eoh(conversation, queue_id_of(context)));
}

static sfsistat on_body(SMFICTX *context, unsigned char *chunk, size_t length)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation != NULL)
		conversation_body(conversation, chunk, length);
	return SMFIS_NOREPLY;
}

static int apply_edit(SMFICTX *context, const struct edit *edit)
{
	char *name = unconst(edit->name);
	char *value = unconst(edit->value);

	switch (edit->kind) {
	case EDIT_CHANGE:
		return smfi_chgheader(context, name, edit->index, value);
	case EDIT_DELETE:
		return smfi_chgheader(context, name, edit->index, NULL);
	case EDIT_INSERT:
		return smfi_insheader(context, edit->index, name, value);
	case EDIT_APPEND:
		return smfi_addheader(context, name, value);
	}
	return MI_FAILURE;
}

static bool change_sender(SMFICTX *context, const char *address)
{
	char path[SENDER_PATH_MAX];

	return snprintf(path, sizeof(path), "<%s>", address) < (int)sizeof(path) &&
	       smfi_chgfrom(context, path, NULL) == MI_SUCCESS;
}

static bool apply_recipients(SMFICTX *context, const struct changes *changes)
{
	for (size_t i = 0; i < changes->deleted_count; i++) {
		if (smfi_delrcpt(context, unconst(changes->deleted[i])) != MI_SUCCESS)
			return false;
	}
	for (size_t i = 0; i < changes->added_count; i++) {
		char bracketed[MAILBOX_SIZE + 2];

		snprintf(bracketed, sizeof(bracketed), "<%s>", changes->added[i]);
		if (smfi_addrcpt(context, bracketed) != MI_SUCCESS)
			return false;
	}
	return true;
}

/* libmilter takes an int and cuts it into chunks. */
static bool apply_body(SMFICTX *context, const struct changes *changes)
{
	if (changes->body == NULL)
		return true;
	return changes->body_length <= INT_MAX &&
	       smfi_replacebody(context, (unsigned char *)(uintptr_t)changes->body,
				(int)changes->body_length) == MI_SUCCESS;
}

static bool apply(void *context, const struct changes *changes)
{
	if (changes->sender != NULL && !change_sender(context, changes->sender))
		return false;
	for (size_t i = 0; i < changes->edit_count; i++) {
		if (apply_edit(context, &changes->edits[i]) != MI_SUCCESS)
			return false;
	}
	return apply_body(context, changes) && apply_recipients(context, changes) &&
	       (changes->quarantine == NULL ||
		smfi_quarantine(context, unconst(changes->quarantine)) == MI_SUCCESS);
}

static sfsistat on_eom(SMFICTX *context)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation == NULL)
		return say_no_session(context);
	return to_milter(context, conversation,
			 conversation_eom(conversation, queue_id_of(context), apply, context));
}

static sfsistat on_abort(SMFICTX *context)
{
	struct conversation *conversation = smfi_getpriv(context);

	if (conversation != NULL)
		conversation_abort(conversation);
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *context)
{
	conversation_free(smfi_getpriv(context));
	smfi_setpriv(context, NULL);
	return SMFIS_CONTINUE;
}

bool runner_open(struct chain *chain, int listen_fd, struct error *err)
{
	struct smfiDesc description = {
	    .xxfi_name = unconst("easymail-milter"),
	    .xxfi_version = SMFI_VERSION,
	    .xxfi_flags = actions_of(chain),
	    .xxfi_connect = on_connect,
	    .xxfi_helo = on_helo,
	    .xxfi_envfrom = on_mail,
	    .xxfi_envrcpt = on_rcpt,
	    .xxfi_data = on_data,
	    .xxfi_header = on_header,
	    .xxfi_eoh = on_eoh,
	    .xxfi_body = on_body,
	    .xxfi_eom = on_eom,
	    .xxfi_abort = on_abort,
	    .xxfi_close = on_close,
	    .xxfi_negotiate = on_negotiate,
	};
	char connection[16];

	runner_chain = chain;
	snprintf(connection, sizeof(connection), "fd:%d", listen_fd);
	(void)smfi_setmaxdatasize(DATA_SIZE_MAX);
	if (smfi_register(description) != MI_SUCCESS || smfi_setconn(connection) != MI_SUCCESS ||
	    smfi_opensocket(false) != MI_SUCCESS)
		return error_set(err, "libmilter does not take the socket \"%s\"", connection);
	return true;
}

bool runner_run(void)
{
	return smfi_main() == MI_SUCCESS;
}
