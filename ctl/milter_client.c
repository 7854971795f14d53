/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays Postfix to a milter, as milter8.c of Postfix 3.7 does: the same offer, the same macros, the same
 * order of events.
 */
#include "ctl/milter_client.h"
#include "ctl/milter_wire.h"
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Values of mfdef.h, which is not for programs on this side of the protocol. */
#define VERSION       6u
#define OFFER_ACTIONS 0x1ffu    /* all that Postfix can do for a milter */
#define OFFER_STEPS   0x1fffffu /* all events can be left out or go without a reply; leading space */

#define STEP_NO_CONNECT  0x000001u
#define STEP_NO_HELO     0x000002u
#define STEP_NO_MAIL     0x000004u
#define STEP_NO_RCPT     0x000008u
#define STEP_NO_BODY     0x000010u
#define STEP_NO_HEADERS  0x000020u
#define STEP_NO_EOH      0x000040u
#define STEP_NR_HEADER   0x000080u
#define STEP_NO_DATA     0x000200u
#define STEP_NR_CONNECT  0x001000u
#define STEP_NR_HELO     0x002000u
#define STEP_NR_MAIL     0x004000u
#define STEP_NR_RCPT     0x008000u
#define STEP_NR_DATA     0x010000u
#define STEP_NR_EOH      0x040000u
#define STEP_NR_BODY     0x080000u
#define STEP_LEAD_SPACE  0x100000u
#define BODY_CHUNK_BYTES 65535

struct milter {
	struct milter_wire wire;
	uint32_t steps; /* as negotiated */
	const struct milter_envelope *envelope;
	struct milter_result *result;
	bool decided;   /* a final verdict has come */
	bool skip_body; /* it has seen enough of the body */
	struct error *err;
};

/* One event: when it is left out, when nobody answers it. */
struct event {
	const char *stage;
	char command;
	uint32_t left_out;
	uint32_t no_reply;
};

static const struct event event_connect = {"connect", 'C', STEP_NO_CONNECT, STEP_NR_CONNECT};
static const struct event event_helo = {"helo", 'H', STEP_NO_HELO, STEP_NR_HELO};
static const struct event event_mail = {"mail", 'M', STEP_NO_MAIL, STEP_NR_MAIL};
static const struct event event_rcpt = {"rcpt", 'R', STEP_NO_RCPT, STEP_NR_RCPT};
static const struct event event_data = {"data", 'T', STEP_NO_DATA, STEP_NR_DATA};
static const struct event event_header = {"header", 'L', STEP_NO_HEADERS, STEP_NR_HEADER};
static const struct event event_eoh = {"eoh", 'N', STEP_NO_EOH, STEP_NR_EOH};
static const struct event event_body = {"body", 'B', STEP_NO_BODY, STEP_NR_BODY};
static const struct event event_eom = {"eom", 'E', 0, 0};

static bool negotiate(struct milter *m)
{
	struct milter_data offer = {0};
	struct milter_packet answer;
	bool done;

	milter_data_add_number(&offer, VERSION);
	milter_data_add_number(&offer, OFFER_ACTIONS);
	milter_data_add_number(&offer, OFFER_STEPS);
	if (!milter_data_send(&offer, &m->wire, 'O', m->err) ||
	    !milter_wire_receive(&m->wire, &answer, m->err))
		return false;
	done =
	    answer.command == 'O' && answer.length >= 12 && milter_number(answer.data) <= VERSION;
	if (done)
		m->steps = milter_number(answer.data + 8);
	else
		error_set(m->err, "easymail-milter does not speak version %u of the protocol",
			  VERSION);
	free(answer.data);
	return done;
}

static void final(struct milter *m, enum milter_verdict verdict, const char *reply)
{
	/* A milter that quarantined a message and let it pass has not accepted it. */
	if (verdict != MILTER_ACCEPT || m->result->verdict != MILTER_QUARANTINE) {
		m->result->verdict = verdict;
		snprintf(m->result->reply, sizeof(m->result->reply), "%s", reply);
	}
	m->decided = true;
}

/* Notes a header change: an index where `indexed`, a name, a value. */
static bool take_change(struct milter *m, const struct milter_packet *packet,
			enum milter_action action, bool indexed)
{
	struct milter_change change = {.action = action};
	size_t at = indexed ? 4 : 0, name_length;
	struct milter_result *result = m->result;

	if (packet->length < at + 2 || packet->data[packet->length - 1] != '\0')
		return error_set(m->err, "easymail-milter sent a broken header change");
	name_length = strlen(packet->data + at);
	if (at + name_length + 1 >= packet->length)
		return error_set(m->err, "easymail-milter sent a header change without value");
	change.index = indexed ? milter_number(packet->data) : 0;
	change.name = strdup(packet->data + at);
	change.value = strdup(packet->data + at + name_length + 1);
	result->changes =
	    realloc(result->changes, (result->change_count + 1) * sizeof(*result->changes));
	if (!result->changes || !change.name || !change.value)
		errx(1, "memory");
	if (action == MILTER_CHANGE && change.value[0] == '\0')
		change.action = MILTER_DELETE;
	result->changes[result->change_count++] = change;
	return true;
}

/* The body comes in pieces. */
static void take_body(struct milter *m, const struct milter_packet *packet)
{
	struct milter_result *result = m->result;

	result->new_body = true;
	result->body = realloc(result->body, result->body_length + packet->length + 1);
	if (!result->body)
		errx(1, "memory");
	memcpy(result->body + result->body_length, packet->data, packet->length);
	result->body_length += packet->length;
	result->body[result->body_length] = '\0';
}

static bool take_recipient(struct milter *m, const struct milter_packet *packet)
{
	struct milter_result *result = m->result;
	struct milter_recipient recipient = {.added = packet->command != '-'};

	if (packet->length == 0 || packet->data[packet->length - 1] != '\0')
		return error_set(m->err, "easymail-milter sent a broken recipient");
	recipient.address = strdup(packet->data);
	result->recipients = realloc(result->recipients,
				     (result->recipient_count + 1) * sizeof(*result->recipients));
	if (!result->recipients || !recipient.address)
		errx(1, "memory");
	result->recipients[result->recipient_count++] = recipient;
	return true;
}

/* Deals with one packet; *more_r: others follow before the event is answered. */
static bool take_answer(struct milter *m, const struct milter_packet *packet, bool *more_r)
{
	*more_r = false;
	switch (packet->command) {
	case 'c':
		return true;
	case 'a':
		final(m, MILTER_ACCEPT, "");
		return true;
	case 'r':
		final(m, MILTER_REJECT, "");
		return true;
	case 't':
		final(m, MILTER_TEMPFAIL, "");
		return true;
	case 'd':
		final(m, MILTER_DISCARD, "");
		return true;
	case 'y':
		final(m, packet->data[0] == '4' ? MILTER_TEMPFAIL : MILTER_REJECT, packet->data);
		return true;
	case 's':
		m->skip_body = true;
		return true;
	case 'h':
		*more_r = true;
		return take_change(m, packet, MILTER_ADD, false);
	case 'i':
		*more_r = true;
		return take_change(m, packet, MILTER_INSERT, true);
	case 'm':
		*more_r = true;
		return take_change(m, packet, MILTER_CHANGE, true);
	case 'q':
		*more_r = true;
		m->result->verdict = MILTER_QUARANTINE;
		snprintf(m->result->reply, sizeof(m->result->reply), "%s", packet->data);
		return true;
	case 'b':
		*more_r = true;
		take_body(m, packet);
		return true;
	case '+':
	case '2':
	case '-':
		*more_r = true;
		return take_recipient(m, packet);
	case 'p': /* it is alive and needs more time */
	case 'e': /* the sender: nobody changes it */
		*more_r = true;
		return true;
	default:
		return error_set(m->err, "easymail-milter answered with an unknown packet `%c`",
				 packet->command);
	}
}

static bool wait_answer(struct milter *m)
{
	bool more = true, done = true;

	while (done && more) {
		struct milter_packet packet;

		if (!milter_wire_receive(&m->wire, &packet, m->err))
			return false;
		done = take_answer(m, &packet, &more);
		free(packet.data);
	}
	return done;
}

/* Sends macros for an event, names and values in turn, ending with NULL. */
static bool send_macros(struct milter *m, char command, const char *const *macros)
{
	struct milter_data data = {0};

	milter_data_add(&data, &command, 1);
	for (; *macros; macros++)
		milter_data_add_text(&data, *macros);
	return milter_data_send(&data, &m->wire, 'D', m->err);
}

/* Sends an event and takes its answer. Frees the data. */
static bool play(struct milter *m, const struct event *event, const char *const *macros,
		 struct milter_data *data)
{
	if (m->decided || (m->steps & event->left_out)) {
		free(data->bytes);
		*data = (struct milter_data){0};
		return true;
	}
	m->result->stage = event->stage;
	if ((macros && !send_macros(m, event->command, macros)) ||
	    !milter_data_send(data, &m->wire, event->command, m->err))
		return false;
	return (m->steps & event->no_reply) || wait_answer(m);
}

static bool play_connect(struct milter *m)
{
	char address[IP_TEXT_SIZE];
	bool v4 = ip_is_v4(&m->envelope->client);
	const char *const macros[] = {"j",
				      m->envelope->hostname,
				      "{daemon_name}",
				      m->envelope->hostname,
				      "v",
				      "Postfix 3.7",
				      "{client_addr}",
				      address,
				      "{client_name}",
				      m->envelope->client_name,
				      "{client_ptr}",
				      m->envelope->client_name,
				      NULL};
	struct milter_data data = {0};

	ip_format(&m->envelope->client, address);
	milter_data_add_text(&data, m->envelope->client_name);
	milter_data_add(&data, v4 ? "4" : "6", 1);
	milter_data_add(&data, "\x80\x00", 2); /* a client's port */
	milter_data_add_text(&data, address);
	return play(m, &event_connect, macros, &data);
}

static bool play_helo(struct milter *m)
{
	static const char *const no_macros[] = {NULL};
	struct milter_data data = {0};

	milter_data_add_text(&data, m->envelope->helo);
	return play(m, &event_helo, no_macros, &data);
}

static void add_path(struct milter_data *data, const char *address)
{
	milter_data_add(data, "<", 1);
	milter_data_add(data, address, strlen(address));
	milter_data_add(data, ">", 2);
}

static bool play_mail(struct milter *m)
{
	const char *const macros[] = {
	    "i", m->envelope->queue_id, "{mail_addr}", m->envelope->sender, "{mail_mailer}", "smtp",
	    NULL};
	struct milter_data data = {0};

	add_path(&data, m->envelope->sender);
	return play(m, &event_mail, macros, &data);
}

/* A refused recipient is that recipient's alone, until none is left. */
static bool play_recipients(struct milter *m)
{
	const char *const *recipient = m->envelope->recipients;
	size_t accepted = 0;

	if (m->decided)
		return true;
	for (; *recipient; recipient++) {
		const char *const macros[] = {"i",        m->envelope->queue_id, "{rcpt_addr}",
					      *recipient, "{rcpt_mailer}",       "smtp",
					      NULL};
		struct milter_data data = {0};

		m->decided = false;
		add_path(&data, *recipient);
		if (!play(m, &event_rcpt, macros, &data))
			return false;
		if (m->decided && m->result->verdict == MILTER_ACCEPT)
			return true;
		if (m->decided && m->result->verdict == MILTER_DISCARD)
			return true;
		accepted += !m->decided;
		m->result->refused_recipients += m->decided;
	}
	m->decided = accepted == 0;
	if (accepted > 0) {
		m->result->verdict = MILTER_ACCEPT;
		m->result->reply[0] = '\0';
	}
	return true;
}

static bool play_headers(struct milter *m, const struct pairs *headers)
{
	for (size_t i = 0; i < headers->count; i++) {
		const char *value = headers->items[i].value;
		struct milter_data data = {0};

		if (!(m->steps & STEP_LEAD_SPACE) && value[0] == ' ')
			value++; /* as Sendmail does: one blank, no tab */
		milter_data_add_text(&data, headers->items[i].name);
		milter_data_add_text(&data, value);
		if (!play(m, &event_header, NULL, &data))
			return false;
	}
	return true;
}

static bool play_body(struct milter *m, const struct milter_message *message)
{
	for (size_t at = 0; at < message->body_length && !m->skip_body; at += BODY_CHUNK_BYTES) {
		size_t left = message->body_length - at;
		struct milter_data data = {0};

		milter_data_add(&data, message->body + at,
				left < BODY_CHUNK_BYTES ? left : BODY_CHUNK_BYTES);
		if (!play(m, &event_body, NULL, &data))
			return false;
	}
	return true;
}

/* The last event: whatever it says, the message is decided. */
static bool play_eom(struct milter *m, const char *const *macros)
{
	struct milter_data none = {0};

	if (!play(m, &event_eom, macros, &none))
		return false;
	if (!m->decided)
		final(m, MILTER_ACCEPT, "");
	return true;
}

static bool play_session(struct milter *m, const struct milter_message *message)
{
	const char *const macros[] = {"i", m->envelope->queue_id, NULL};
	struct milter_data none = {0};

	return negotiate(m) && play_connect(m) && play_helo(m) && play_mail(m) &&
	       play_recipients(m) && play(m, &event_data, macros, &none) &&
	       play_headers(m, &message->headers) && play(m, &event_eoh, macros, &none) &&
	       play_body(m, message) && play_eom(m, macros);
}

bool milter_check(const char *socket, int timeout_ms, const struct milter_envelope *envelope,
		  const struct milter_message *message, struct milter_result *result_r,
		  struct error *err)
{
	struct milter m = {.envelope = envelope, .result = result_r, .err = err};
	struct error ignored;
	bool done;

	*result_r = (struct milter_result){.verdict = MILTER_ACCEPT, .stage = "connect"};
	if (!milter_wire_open(socket, timeout_ms, &m.wire, err))
		return false;
	done = play_session(&m, message);
	if (done && !milter_wire_send(&m.wire, 'Q', NULL, 0, &ignored))
		done = true; /* the verdict is there, a lost farewell changes nothing */
	milter_wire_close(&m.wire);
	return done;
}
