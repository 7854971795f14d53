/* SPDX-License-Identifier: BSD-2-Clause */
/* What kind of message came back, and where in it to look. */
#include "common/bounce_report.h"
#include "common/bounce_status.h"
#include "common/bounce_text.h"
#include "common/mail_parts.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *bounce_kind_name(enum bounce_kind kind)
{
	static const char *const names[] = {"none", "report", "complaint", "auto_reply"};

	return names[kind];
}

static bool contains_any(const char *text, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcasestr(text, *words) != NULL)
			return true;
	}
	return false;
}

static bool is_mail_system(const struct bounce_report *report)
{
	static const char *const names[] = {"mailer-daemon",      "mail-daemon", "mailerdaemon",
					    "mail delivery s",    "postmaster",  "mdaemon",
					    "mail administrator", NULL};

	return contains_any(report->from, names);
}

static bool has_report_subject(const struct bounce_report *report)
{
	static const char *const words[] = {"undeliver",
					    "delivery status notif",
					    "failure notice",
					    "returned mail",
					    "delivery fail",
					    "delivery has failed",
					    "could not be delivered",
					    "unzustellbar",
					    "delivery notif",
					    "nondeliverable",
					    "delivery problem",
					    "non remis",
					    "mail system error",
					    "message rejected",
					    "non-delivery",
					    "failed delivery",
					    "delivery report",
					    "unable to deliver",
					    "mail not delivered",
					    NULL};

	return contains_any(report->subject, words);
}

static bool has_header(const struct mail *mail, const char *name)
{
	char value[MAIL_HEADER_SIZE];

	mail_header(mail, name, value);
	return value[0] != '\0';
}

/* RFC 3834 section 5: any Auto-Submitted but "no"; and what was there before it. */
static bool says_auto_reply(const struct mail *mail)
{
	static const char *const marks[] = {"X-Autoreply",      "X-Autorespond",
					    "X-Autoresponder",  "X-Auto-Reply-From",
					    "X-Mail-Autoreply", "X-Auto-Response-Suppress"};
	char value[MAIL_HEADER_SIZE];

	mail_header(mail, "Auto-Submitted", value);
	if (value[0] != '\0' && strcasecmp(value, "no") != 0)
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (has_header(mail, marks[i]))
			return true;
	}
	mail_header(mail, "Precedence", value);
	return strcasecmp(value, "auto_reply") == 0 || strcasecmp(value, "auto-reply") == 0;
}

/* The text for people: the first part that is plain text, or the first of HTML. */
static const char *people_text(const struct mail *mail)
{
	const struct mail_part *part = mail_part_of(mail, "text/plain");

	if (part == NULL || part->length == 0)
		part = mail_part_of(mail, "text/html");
	if (part == NULL)
		part = mail_part_count(mail) > 0 ? mail_part_at(mail, 0) : NULL;
	return part != NULL ? part->text : "";
}

static void copy_field(const char *text, const char *name, char to[BOUNCE_FIELD_SIZE])
{
	char value[MAIL_HEADER_SIZE];

	if (to[0] == '\0' && mail_field(text, name, value))
		bounce_copy_line(to, BOUNCE_FIELD_SIZE, value, strlen(value));
}

/* Of the message that came back, its headers: a part of its own, or behind the text. */
static void read_returned(const struct mail *mail, const char *behind, struct bounce_report *report)
{
	const struct mail_part *part = mail_part_of(mail, "message/rfc822");

	if (part == NULL)
		part = mail_part_of(mail, "text/rfc822-headers");
	if (part == NULL)
		part = mail_part_of(mail, "message/rfc822-headers");
	if (part != NULL)
		behind = part->text;
	copy_field(behind, "Return-Path", report->returned_path);
	copy_field(behind, "To", report->returned_to);
	copy_field(behind, "Message-ID", report->returned_id);
}

static bool any_failed(const struct bounce_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		if (report->recipients[i].action != BOUNCE_DELIVERED)
			return true;
	}
	return false;
}

/* Exim before it knew RFC 3464, and others since: the recipients in a field. */
static bool read_failed_recipients(const struct mail *mail, struct bounce_report *report)
{
	char value[MAIL_HEADER_SIZE];
	const char *at = value;

	mail_header(mail, "X-Failed-Recipients", value);
	while (*at != '\0') {
		size_t length;

		at += strspn(at, " ,");
		length = strcspn(at, " ,");
		if (length > 0)
			(void)bounce_recipient_add(report, at, length);
		at += length;
	}
	return report->count > 0;
}

/* What the text for people says beside the addresses that are known already. */
static void fill_texts(const char *text, size_t length, struct bounce_report *report)
{
	struct bounce_report named = {0};

	bounce_text_read(text, length, &named);
	for (size_t i = 0; i < report->count; i++) {
		struct bounce_recipient *recipient = &report->recipients[i];

		for (size_t n = 0; n < named.count && recipient->text[0] == '\0'; n++) {
			if (strcasecmp(named.recipients[n].address, recipient->address) != 0)
				continue;
			memcpy(recipient->text, named.recipients[n].text, sizeof(recipient->text));
			if (recipient->status[0] == '\0')
				memcpy(recipient->status, named.recipients[n].status,
				       sizeof(recipient->status));
		}
	}
}

/* From the machine-readable part; false: there is none that says anything. */
static bool read_status(const struct mail *mail, struct bounce_report *report)
{
	const struct mail_part *part = mail_part_of(mail, "message/delivery-status");

	if (part == NULL)
		part = mail_part_of(mail, "message/global-delivery-status");
	if (part == NULL)
		return false;
	bounce_status_read(part->text, report);
	return report->count > 0;
}

static enum bounce_kind read_feedback(const struct mail *mail, struct bounce_report *report)
{
	const struct mail_part *part = mail_part_of(mail, "message/feedback-report");

	if (part == NULL || !bounce_feedback_read(part->text, report))
		return BOUNCE_NONE;
	return BOUNCE_COMPLAINT;
}

/* In this order: what a machine wrote for machines, then who wrote, then what the text names. */
static enum bounce_kind read_kind(const struct mail *mail, const char *text, size_t length,
				  struct bounce_report *report)
{
	if (mail_type_is(mail, "feedback-report"))
		return read_feedback(mail, report);
	if (mail_type_is(mail, "disposition-notification"))
		return BOUNCE_AUTO_REPLY;
	if (read_status(mail, report))
		return any_failed(report) ? BOUNCE_REPORT : BOUNCE_NONE;
	if (read_failed_recipients(mail, report))
		return BOUNCE_REPORT;
	if (!is_mail_system(report) && says_auto_reply(mail))
		return BOUNCE_AUTO_REPLY;
	if (!is_mail_system(report) && !has_report_subject(report))
		return BOUNCE_NONE;
	bounce_text_read(text, length, report);
	return report->count > 0 ? BOUNCE_REPORT : BOUNCE_NONE;
}

void bounce_read(const void *octets, size_t length, struct bounce_report *report_r)
{
	struct mail *mail = mail_read(octets, length);
	char value[MAIL_HEADER_SIZE];
	const char *text;
	size_t own;

	memset(report_r, 0, sizeof(*report_r));
	if (mail == NULL)
		return;
	mail_header(mail, "From", value);
	bounce_copy_line(report_r->from, sizeof(report_r->from), value, strlen(value));
	mail_header(mail, "Subject", value);
	bounce_copy_line(report_r->subject, sizeof(report_r->subject), value, strlen(value));
	text = people_text(mail);
	own = bounce_text_length(text);
	bounce_copy_line(report_r->body, sizeof(report_r->body), text, own);
	report_r->kind = read_kind(mail, text, own, report_r);
	if (report_r->kind == BOUNCE_NONE)
		report_r->count = 0;
	if (report_r->kind == BOUNCE_REPORT)
		fill_texts(text, own, report_r);
	read_returned(mail, text + own, report_r);
	mail_free(mail);
}
