/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl check: what the running filters say of a message. */
#include "common/socketmap.h"
#include "ctl/check_message.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define ASK_TIMEOUT_MS    5000
#define ANSWER_TIMEOUT_MS 300000 /* Postfix's milter_content_timeout */

/* The words of the command line that the envelope points to. */
struct check_words {
	char sender[1024];
	char *recipients[COMMAND_OPTIONS_MAX + 1];
	char queue_id[32];
	char hostname[256];
};

/* An address without angle brackets. */
static void strip_brackets(const char *address, char *stripped_r, size_t size)
{
	size_t length = strlen(address);

	if (length >= 2 && address[0] == '<' && address[length - 1] == '>')
		snprintf(stripped_r, size, "%.*s", (int)length - 2, address + 1);
	else
		snprintf(stripped_r, size, "%s", address);
}

/* An id that no message of Postfix has, so that the decision can be asked for. */
static bool make_queue_id(char id_r[32], struct error *err)
{
	unsigned char random[8];
	size_t used = (size_t)snprintf(id_r, 32, "check-");

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return error_set(err, "no random numbers");
	for (size_t i = 0; i < sizeof(random); i++)
		used += (size_t)snprintf(id_r + used, 32 - used, "%02x", random[i]);
	return true;
}

static void read_recipients(const struct ctl *ctl, char **recipients_r)
{
	size_t count = 0;

	for (size_t i = 0; i < ctl->option_count; i++) {
		const struct command_option *option = &ctl->options[i];
		char address[1024];

		if (strncmp(option->name, "--to", 4) != 0)
			continue;
		strip_brackets(option->value, address, sizeof(address));
		recipients_r[count] = strdup(address);
		if (!recipients_r[count++])
			errx(1, "memory");
	}
}

static bool read_envelope(const struct ctl *ctl, struct check_words *words,
			  struct milter_envelope *envelope, struct error *err)
{
	const char *name = ctl_option(ctl, "--client-name"), *helo = ctl_option(ctl, "--helo");

	if (!ip_parse(ctl_option(ctl, "--client-ip"), &envelope->client, err) ||
	    !make_queue_id(words->queue_id, err))
		return false;
	strip_brackets(ctl_option(ctl, "--from"), words->sender, sizeof(words->sender));
	read_recipients(ctl, words->recipients);
	if (gethostname(words->hostname, sizeof(words->hostname) - 1) != 0)
		snprintf(words->hostname, sizeof(words->hostname), "localhost");
	envelope->client_name = name ? name : "unknown";
	envelope->helo = helo ? helo : "localhost";
	envelope->sender = words->sender;
	envelope->recipients = (const char *const *)words->recipients;
	envelope->queue_id = words->queue_id;
	envelope->hostname = words->hostname;
	return true;
}

/* The milter's own record of the message; NULL when it has none to give, and why. A session that ended before MAIL has
 * no record: the object is then empty. */
static struct json *ask_decision(const struct ctl *ctl, const char *queue_id, const char *stage,
				 struct error *err)
{
	const char *socket = config_text(ctl->config, "milter.control_socket");
	struct socketmap_reply reply;
	struct json *decision = NULL;

	switch (socketmap_ask(socket, "decision", queue_id, ASK_TIMEOUT_MS, &reply, err)) {
	case FOUND_ERROR:
		error_prefix(err, "milter.control_socket %s: ", socket);
		return NULL;
	case FOUND_NONE:
		if (strcmp(stage, "connect") == 0 || strcmp(stage, "helo") == 0)
			return json_new_object();
		error_set(err, "milter.control_socket %s: has no record of the message", socket);
		return NULL;
	case FOUND_ONE:
		break;
	}
	return json_parse(reply.text, &decision, err) ? decision : NULL;
}

/* The value without the blank after the colon, which is part of it on the wire. */
static const char *plain_value(const struct milter_change *change)
{
	return change->value + (change->value[0] == ' ');
}

static struct json *changes_json(const struct milter_result *result)
{
	struct json *changes = json_new_array();

	for (size_t i = 0; i < result->change_count; i++) {
		struct json *change = json_new_object();

		json_put_text(change, "action", milter_action_name(result->changes[i].action));
		json_put_text(change, "name", result->changes[i].name);
		json_put_text(change, "value", plain_value(&result->changes[i]));
		json_put_number(change, "index", result->changes[i].index);
		json_append(changes, change);
	}
	return changes;
}

/* The headers as they would be in the queue. */
static struct json *message_json(const struct milter_message *message)
{
	struct json *lines = json_new_array();

	for (size_t i = 0; i < message->headers.count; i++) {
		const struct pair *header = &message->headers.items[i];
		char *line;

		if (asprintf(&line, "%s:%s%s", header->name,
			     strchr(" \t\n", header->value[0]) ? "" : " ", header->value) < 0)
			errx(1, "memory");
		json_append_text(lines, line);
		free(line);
	}
	return lines;
}

static struct json *recipients_json(const struct milter_result *result)
{
	struct json *recipients = json_new_array();

	for (size_t i = 0; i < result->recipient_count; i++) {
		struct json *recipient = json_new_object();

		json_put_text(recipient, "action", result->recipients[i].added ? "add" : "delete");
		json_put_text(recipient, "address", result->recipients[i].address);
		json_append(recipients, recipient);
	}
	return recipients;
}

/* What Postfix heard decides; the record tells the rest. */
static struct json *result_json(const struct milter_result *result, const struct json *decision,
				const char *queue_id)
{
	struct json *object = json_new_object();
	const char *recorded = json_get_text(decision, "reply");

	json_put_text(object, "verdict", milter_verdict_name(result->verdict));
	json_put_text(object, "reply", result->reply[0] ? result->reply : recorded);
	json_put_text(object, "filter", json_get_text(decision, "filter"));
	json_put_text(object, "tenant", json_get_text(decision, "tenant"));
	json_put_text(object, "egress", json_get_text(decision, "egress"));
	json_put_text(object, "way", json_get_text(decision, "way"));
	json_put_text(object, "return_path", json_get_text(decision, "return_path"));
	json_put(object, "headers", changes_json(result));
	json_put(object, "recipients", recipients_json(result));
	json_put_text(object, "body", result->new_body ? (result->body ? result->body : "") : NULL);
	json_put_text(object, "stage", result->stage);
	json_put_number(object, "refused_recipients", (int64_t)result->refused_recipients);
	json_put_text(object, "note",
		      json_get_number(decision, "code") == 250 ? json_get_text(decision, "text")
							       : "");
	json_put_number(object, "generation", json_get_number(decision, "generation"));
	json_put_text(object, "queue_id", queue_id);
	return object;
}

static void print_changes(const struct milter_result *result)
{
	for (size_t i = 0; i < result->change_count; i++) {
		const struct milter_change *change = &result->changes[i];

		printf("header %s: %s: %s\n", milter_action_name(change->action), change->name,
		       plain_value(change));
	}
	for (size_t i = 0; i < result->recipient_count; i++)
		printf("recipient %s: %s\n", result->recipients[i].added ? "add" : "delete",
		       result->recipients[i].address);
	if (result->new_body)
		printf("body replaced: %zu octets\n", result->body_length);
}

static bool check_envelope(const struct ctl *ctl, const struct milter_envelope *envelope,
			   struct milter_message *message, struct milter_result *result,
			   struct error *err)
{
	struct json *decision, *object;

	if (!milter_check(config_text(ctl->config, "milter.socket"), ANSWER_TIMEOUT_MS, envelope,
			  message, result, err))
		return false;
	decision = ask_decision(ctl, envelope->queue_id, result->stage, err);
	if (!decision)
		return false;
	object = result_json(result, decision, envelope->queue_id);
	json_drop(decision);
	check_message_change(message, result);
	json_put(object, "message", message_json(message));
	output_object(ctl, "verdict reply filter tenant egress way return_path note", object);
	if (!ctl->json)
		print_changes(result);
	return true;
}

bool ctl_check(struct ctl *ctl, struct error *err)
{
	struct check_words words = {0};
	struct milter_envelope envelope = {0};
	struct milter_message message = {0};
	struct milter_result result = {0};
	bool done = read_envelope(ctl, &words, &envelope, err) &&
		    check_message_read(stdin, &message, err) &&
		    check_envelope(ctl, &envelope, &message, &result, err);

	milter_result_free(&result);
	check_message_free(&message);
	for (size_t i = 0; words.recipients[i]; i++)
		free(words.recipients[i]);
	return done;
}
