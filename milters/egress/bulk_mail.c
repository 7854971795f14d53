/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers what the policies of bulk mail ask for, and does what they say. */
#include "milters/egress/bulk_mail.h"
#include "common/key_file.h"
#include "common/log.h"
#include "common/return_path.h"
#include "milters/egress/stream_policy.h"
#include "milters/egress/unsubscribe.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* The value of the first header of that name; NULL: there is none. */
static const char *value_of(const struct message *message, const char *name)
{
	size_t at;

	return message_header_find(message, name, 0, &at) ? message_header_at(message, at)->value
							  : NULL;
}

static bool has_list_header(const struct message *message)
{
	return value_of(message, "List-Id") != NULL ||
	       value_of(message, "List-Unsubscribe") != NULL ||
	       value_of(message, "List-Post") != NULL;
}

static bool is_automatic(const struct message *message)
{
	const char *value = value_of(message, "Auto-Submitted");

	return value != NULL && strncasecmp(value + strspn(value, " \t\r\n"), "no", 2) != 0;
}

/* Before the headers are there it looks like a message without any. */
static void gather(const struct message *message, struct stream_facts *facts_r)
{
	bool is_null = message->sender.is_null;

	*facts_r = (struct stream_facts){
	    .policy = message->policy,
	    .host = message->client_stream,
	    .domain_is_bulk =
		!is_null && policy_domain_is_bulk(message->policy, message->sender.domain),
	    .is_null_sender = is_null,
	    .asked = value_of(message, STREAM_HEADER),
	    .has_list_header = has_list_header(message),
	    .precedence = value_of(message, "Precedence"),
	    .is_automatic = is_automatic(message),
	    .recipients = message->recipients,
	};
}

void bulk_mail_foresee(struct message *message)
{
	struct stream_facts facts;

	gather(message, &facts);
	if (stream_policy(&facts) != STREAM_CORPORATE)
		message_set_way(message, WAY_BULK);
}

void bulk_mail_judge(struct message *message)
{
	struct stream_facts facts;
	enum stream_reason reason;
	size_t at = 0;

	gather(message, &facts);
	reason = stream_policy(&facts);

	while (message_header_find(message, STREAM_HEADER, at, &at))
		message_header_delete(message, at);
	if (reason == STREAM_CORPORATE)
		return;
	message_set_way(message, WAY_BULK);
	message_remark(message, "%s", stream_reason_text(reason));
}

enum verdict bulk_mail_unsubscribe(struct message *message)
{
	struct unsubscribe_facts facts = {
	    .policy = message->policy,
	    .has_header = value_of(message, "List-Unsubscribe") != NULL,
	    .recipients = message->recipients,
	    .recipient = message->recipient,
	};
	char value[UNSUBSCRIBE_SIZE];
	enum unsubscribe_ruling ruling = unsubscribe_policy(&facts, value);

	switch (ruling) {
	case UNSUBSCRIBE_LEAVE:
		break;
	case UNSUBSCRIBE_NO_ADDRESS:
		message_remark(message, "without List-Unsubscribe: no setting says how");
		break;
	case UNSUBSCRIBE_REFUSE:
		return message_reject(message, "5.7.1",
				      "Bulk mail needs a header List-Unsubscribe (RFC 2369)");
	case UNSUBSCRIBE_ADD_POST:
	case UNSUBSCRIBE_ADD:
		message_header_add(message, "List-Unsubscribe", value);
		break;
	}
	if (ruling == UNSUBSCRIBE_ADD_POST)
		message_header_add(message, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
	return VERDICT_CONTINUE;
}

static bool load_key(const char *path, struct key_file *file_r, struct error *err)
{
	switch (key_file_load(path, file_r, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(err,
				 "key file %s: is not there; make it with `easymailctl bulk "
				 "init-keyfile`",
				 path);
	case FOUND_ONE:
		break;
	}
	return true;
}

/* The local part of the message's return path. */
static bool make_local(const struct message *message, const char *key_file,
		       char local_r[RETURN_PATH_LOCAL_SIZE], struct error *err)
{
	struct return_path path = {
	    .tenant_id = (uint32_t)message->policy->tenant_id,
	    .day = return_path_day(time(NULL)),
	};
	struct key_file file;

	if (message->policy->tenant_id < 1 || message->policy->tenant_id > UINT32_MAX)
		return error_set(err, "tenant %s: its number does not fit into a return path",
				 message->policy->tenant);
	if (!return_path_number(&path.message, err) || !load_key(key_file, &file, err))
		return false;
	if (message->recipients == 1 && message->recipient[0] != '\0')
		path.recipient = return_path_recipient(file.key, message->recipient);
	return_path_write(&path, file.key, local_r);
	key_file_wipe(&file);
	return true;
}

enum verdict bulk_mail_return_path(struct message *message, const char *key_file,
				   struct mailbox *sender_r)
{
	const char *domain = message->policy->settings[SETTING_BULK_RETURN_PATH_DOMAIN].text;
	char local[RETURN_PATH_LOCAL_SIZE], address[RETURN_PATH_LOCAL_SIZE + DOMAIN_SIZE + 1];
	struct error err;

	*sender_r = message->sender;
	if (message->sender.is_null || domain[0] == '\0')
		return VERDICT_CONTINUE;
	if (make_local(message, key_file, local, &err)) {
		snprintf(address, sizeof(address), "%s@%s", local, domain);
		if (mailbox_parse(address, sender_r, &err)) {
			message_set_return_path(message, address);
			return VERDICT_CONTINUE;
		}
	}
	log_error("%s: no return path: %s", message->decision.queue_id, err.text);
	return message_tempfail(message, "4.3.5", "The relay cannot make a return path now");
}
