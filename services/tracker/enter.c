/* SPDX-License-Identifier: BSD-2-Clause */
/* From lines to rows. */
#include "services/tracker/enter.h"
#include "common/journal_position.h"
#include "services/tracker/postfix_line.h"

/* A delivery is told with what is known of its message from lines before. */
static bool enter_delivery(struct journal *journal, const struct reply_rules *rules,
			   const struct log_line *line, struct line_event *event, struct error *err)
{
	struct journal_delivery *delivery = &event->delivery;
	struct journal_message message = {.sender = ""};

	if (journal_message_get(journal, event->queue_id, &message, err) == FOUND_ERROR)
		return false;
	delivery->at = line->at;
	delivery->tenant = message.tenant;
	delivery->sender = message.sender;
	delivery->class = event->kind == LINE_EXPIRED
			      ? REPLY_LOCAL
			      : reply_rules_class(rules, delivery->status, delivery->reply);
	return journal_delivery_add(journal, delivery, err);
}

/* A message that was refused has no deliveries to come. */
static bool enter_decision(struct journal *journal, const struct log_line *line,
			   struct line_event *event, struct error *err)
{
	event->decision.at = line->at;
	return journal_decision_add(journal, &event->decision, err) &&
	       (event->queue_id[0] == '\0' || event->decision.code >= 400 ||
		journal_message_put(journal, event->queue_id, line->at, event->decision.sender,
				    event->decision.tenant, err));
}

/* The sender that easymail-milter knows stays: Postfix's may be a return path that easymail gave the message. */
static bool enter_sender(struct journal *journal, const struct log_line *line,
			 const struct line_event *event, struct error *err)
{
	struct journal_message message;

	switch (journal_message_get(journal, event->queue_id, &message, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_ONE:
		if (message.tenant[0] != '\0')
			return true;
		break;
	case FOUND_NONE:
		break;
	}
	return journal_message_put(journal, event->queue_id, line->at, event->sender, NULL, err);
}

bool enter_line(struct journal *journal, const struct reply_rules *rules, struct log_line *line,
		struct enter_counts *counts, struct error *err)
{
	struct line_event event;

	counts->lines++;
	postfix_line_parse(line->program, line->text, &event);
	switch (event.kind) {
	case LINE_OTHER:
		return true;
	case LINE_SENDER:
		return enter_sender(journal, line, &event, err);
	case LINE_DELIVERY:
	case LINE_EXPIRED:
		counts->deliveries++;
		return enter_delivery(journal, rules, line, &event, err);
	case LINE_REMOVED:
		return journal_message_drop(journal, event.queue_id, err);
	case LINE_DECISION:
		counts->decisions++;
		return enter_decision(journal, line, &event, err);
	}
	return true;
}
