/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the lines of qmgr(8), of delivery agents and of easymail-milter. */
#include "services/tracker/postfix_line.h"
#include "common/utf8.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_ID_MAX      63
#define DELAY_MAX_SECONDS 1e9
#define ALPHANUMERIC      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static bool take(char **at, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*at, word, length) != 0)
		return false;
	*at += length;
	return true;
}

/* Up to the separator, which is overwritten; NULL: there is none. */
static char *take_until(char **at, const char *separator)
{
	char *value = *at, *end = strstr(value, separator);

	if (end == NULL)
		return NULL;
	*end = '\0';
	*at = end + strlen(separator);
	return value;
}

/* An address in its external form (RFC 5321: a quoted local part may hold anything), after `<` and up to `>`. */
static char *take_address(char **at)
{
	char *address = *at;
	bool quoted = false;

	for (char *end = address; *end != '\0'; end++) {
		if (*end == '\\' && quoted && end[1] != '\0')
			end++;
		else if (*end == '"' && (quoted || end == address))
			quoted = !quoted;
		else if (*end == '>' && !quoted) {
			*end = '\0';
			*at = end + 1;
			return address;
		}
	}
	return NULL;
}

/* "4XyZ: " */
static char *take_queue_id(char **at)
{
	char *queue_id = *at;
	size_t length = strspn(queue_id, ALPHANUMERIC);

	if (length == 0 || length > QUEUE_ID_MAX || strncmp(queue_id + length, ": ", 2) != 0)
		return NULL;
	queue_id[length] = '\0';
	*at = queue_id + length + 2;
	return queue_id;
}

/* The address that a transport's name tells: "easymail-2001-db8--7". */
static bool read_egress(const char *name, char egress_r[IP_TEXT_SIZE])
{
	char text[EGRESS_TRANSPORT_SIZE];
	struct error unused;
	struct ip address;

	if (strncmp(name, "easymail-", strlen("easymail-")) != 0)
		return false;
	snprintf(text, sizeof(text), "%.63s", name + strlen("easymail-"));
	if (strchr(text, '.') == NULL) {
		for (char *hyphen = text; (hyphen = strchr(hyphen, '-')) != NULL;)
			*hyphen = ':';
	}
	if (!ip_parse(text, &address, &unused))
		return false;
	ip_format(&address, egress_r);
	return true;
}

/* "postfix/easymail-192.0.2.10/smtp", "postfix/easymail-group-main/easymail-192.0.2.10/smtp", "postfix/smtp": the
 * service is what follows the instance's name, or else the program. */
static void read_transport(char *program, struct line_event *event)
{
	char *save = NULL, *part, *first = NULL;

	(void)strtok_r(program, "/", &save);
	while ((part = strtok_r(NULL, "/", &save)) != NULL) {
		if (first == NULL)
			first = part;
		if (event->egress[0] == '\0')
			(void)read_egress(part, event->egress);
	}
	snprintf(event->transport, sizeof(event->transport), "%s", first != NULL ? first : "");
	utf8_make_printable(event->transport); /* which may have been cut in a character */
}

static void read_domain(const char *recipient, char domain_r[DOMAIN_SIZE])
{
	const char *at = strrchr(recipient, '@');
	struct error unused;

	if (at == NULL || !domain_normalize(at + 1, strlen(at + 1), domain_r, &unused))
		domain_r[0] = '\0';
}

/* "mx.dest.example[198.51.100.1]:25", "none", or a socket. */
static void read_relay(char *relay, struct journal_delivery *delivery)
{
	char *open = strchr(relay, '['), *close = open != NULL ? strchr(open, ']') : NULL;

	delivery->host = delivery->address = "";
	if (strcmp(relay, "none") == 0)
		return;
	delivery->host = relay;
	if (close == NULL)
		return;
	*open = *close = '\0';
	delivery->address = open + 1;
}

/* "1.2" seconds; 0 for what is no time that a message can have taken. */
static int64_t read_delay_ms(const char *text)
{
	double seconds = strtod(text, NULL);

	return seconds > 0 && seconds < DELAY_MAX_SECONDS ? (int64_t)(seconds * 1000) : 0;
}

/* "delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, status=sent (250 2.0.0 Ok)" */
static bool read_result(char *at, struct journal_delivery *delivery)
{
	char *delay, *dsn, *end;

	if (!take(&at, "delay=") || (delay = take_until(&at, ", ")) == NULL ||
	    !take(&at, "delays=") || take_until(&at, ", ") == NULL || !take(&at, "dsn=") ||
	    (dsn = take_until(&at, ", ")) == NULL || !take(&at, "status="))
		return false;
	delivery->delay_ms = read_delay_ms(delay);
	delivery->dsn = dsn;
	delivery->status = at;
	at += strcspn(at, " ");
	end = at + strlen(at);
	delivery->reply = *at == ' ' ? at + 1 : at;
	*at = '\0';
	if (delivery->reply[0] == '(') {
		delivery->reply++;
		if (end[-1] == ')')
			end[-1] = '\0';
	}
	return delivery->status[0] != '\0';
}

/* After "to=<". */
static bool read_delivery(char *at, struct line_event *event)
{
	struct journal_delivery *delivery = &event->delivery;
	char *recipient = take_address(&at), *relay;

	if (recipient == NULL || !take(&at, ", "))
		return false;
	if (take(&at, "orig_to=<") && (take_address(&at) == NULL || !take(&at, ", ")))
		return false;
	if (!take(&at, "relay=") || (relay = take_until(&at, ", ")) == NULL)
		return false;
	if (take(&at, "conn_use=") && take_until(&at, ", ") == NULL)
		return false;
	delivery->queue_id = event->queue_id;
	delivery->recipient = recipient;
	read_relay(relay, delivery);
	return read_result(at, delivery);
}

/* After "from=<" in a line of qmgr's. */
static enum line_kind read_sender(char *at, struct line_event *event)
{
	char *sender = take_address(&at);

	if (sender == NULL)
		return LINE_OTHER;
	event->sender = sender;
	if (take(&at, ", size="))
		return LINE_SENDER;
	if (!take(&at, ", status=expired"))
		return LINE_OTHER;
	event->delivery = (struct journal_delivery){
	    .queue_id = event->queue_id,
	    .recipient = "",
	    .host = "",
	    .address = "",
	    .status = "expired",
	    .dsn = "",
	    .reply = at + strspn(at, ", "),
	};
	return LINE_EXPIRED;
}

/* "from=<…>" */
static char *without_brackets(char *value)
{
	size_t length = strlen(value);

	if (length < 2 || value[0] != '<' || value[length - 1] != '>')
		return value;
	value[length - 1] = '\0';
	return value + 1;
}

static void take_value(struct journal_decision *decision, const char *key, char *value)
{
	const struct {
		const char *key, **field;
	} texts[] = {
	    {"id", &decision->queue_id},     {"client", &decision->client},
	    {"from", &decision->sender},     {"tenant", &decision->tenant},
	    {"verdict", &decision->verdict}, {"filter", &decision->filter},
	    {"status", &decision->status},   {"egress", &decision->egress},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].key, key) == 0)
			*texts[i].field = without_brackets(value);
	}
	if (strcmp(key, "code") == 0)
		decision->code = (int)strtol(value, NULL, 10);
	if (strcmp(key, "generation") == 0)
		decision->generation = strtoll(value, NULL, 10);
}

/* After "decision ": `key=value …`, no value with a blank in it, and last `text="…"`, see decision_format. */
static bool read_decision(char *at, struct line_event *event)
{
	struct journal_decision *decision = &event->decision;
	char *key, *value;

	*decision = (struct journal_decision){
	    .queue_id = "",
	    .client = "",
	    .sender = "",
	    .tenant = "",
	    .verdict = "",
	    .filter = "",
	    .status = "",
	    .egress = "",
	    .reply = "",
	};
	while (!take(&at, "text=\"")) {
		key = take_until(&at, "=");
		if (key == NULL || strchr(key, ' ') != NULL)
			return false;
		value = take_until(&at, " ");
		if (value == NULL)
			return false;
		take_value(decision, key, value);
	}
	at[strcspn(at, "\"")] = '\0';
	decision->reply = at;
	event->queue_id = decision->queue_id;
	return decision->verdict[0] != '\0';
}

static enum line_kind read_milter(char *text, struct line_event *event)
{
	(void)take(&text, "info: "); /* as it stands on standard error */
	return take(&text, "decision ") && read_decision(text, event) ? LINE_DECISION : LINE_OTHER;
}

static enum line_kind read_queue_manager(char *text, struct line_event *event)
{
	if (strcmp(text, "removed") == 0)
		return LINE_REMOVED;
	return take(&text, "from=<") ? read_sender(text, event) : LINE_OTHER;
}

void postfix_line_parse(char *program, char *text, struct line_event *event_r)
{
	char *name = strrchr(program, '/');

	*event_r = (struct line_event){.kind = LINE_OTHER};
	if (strncmp(program, "easymail-milter", strlen("easymail-milter")) == 0) {
		event_r->kind = read_milter(text, event_r);
		return;
	}
	if (name == NULL || (event_r->queue_id = take_queue_id(&text)) == NULL)
		return;
	if (strcmp(name, "/qmgr") == 0) {
		event_r->kind = read_queue_manager(text, event_r);
	} else if (take(&text, "to=<") && read_delivery(text, event_r)) {
		event_r->kind = LINE_DELIVERY;
		read_domain(event_r->delivery.recipient, event_r->domain);
		read_transport(program, event_r);
	}
	event_r->delivery.domain = event_r->domain;
	event_r->delivery.transport = event_r->transport;
	event_r->delivery.egress = event_r->egress;
}
