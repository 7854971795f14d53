/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding recipients in the texts that qmail, Exim, Exchange, Domino and their like write for people. */
#include "common/bounce_text.h"
#include "common/bounce_status.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* An address within a text. */
struct finding {
	const char *start;
	size_t length;
	bool leads; /* its line begins with it, or with a word that says whose it is */
};

/* What comes before a copy of the returned message, at the beginning of a line. */
static const char *const copies[] = {
    "--- Below this line is a copy of the message",
    "------ This is a copy of",
    "--- The message",
    "--- Returned mail follows",
    "--- Original message",
    "----- Original message",
    "-----Original Message",
    "----- Unsent message follows",
    "Original message headers",
    "--- Enclosed is a copy",
    "------ Message header follows",
    "Return-Path:",
    "Received:",
    "Message headers follow",
    "--- Message from mail server ends",
    "The headers of the message",
    "-----Ursprüngliche Nachricht",
    "--- Copy of the original",
};

/* Words that stand before a recipient in its line. */
static const char *const labels[] = {
    "to:",      "recipient:",        "recipient address:",  "address:",         "e-mail address:",
    "user:",    "failed recipient:", "original recipient:", "final recipient:", "for:",
    "mailbox:", "failed addresses:", "empfänger:",          "empf\xe4nger:",    "<"};

/* Who writes reports is not whom they are about. */
static const char *const writers[] = {
    "mailer-daemon@", "postmaster@", "mail-daemon@", "hostmaster@", "abuse@",
    "mailerdaemon@",  "helpdesk@",   "support@",     "noreply@",    "no-reply@"};

static bool begins(const char *text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strncasecmp(text, words[i], strlen(words[i])) == 0)
			return true;
	}
	return false;
}

size_t bounce_text_length(const char *text)
{
	const char *line = text;

	while (*line != '\0') {
		if (line != text && begins(line, copies, sizeof(copies) / sizeof(*copies)))
			break;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return (size_t)(line - text);
}

static bool is_local(char c)
{
	return isalnum((unsigned char)c) ||
	       (c != '\0' && strchr("!#$%&'*+/=?^_`{|}~.-", c) != NULL);
}

static bool is_domain(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '-';
}

/* The address around the `@`; false: there is none. */
static bool measure(const char *text, const char *end, const char *at, struct finding *finding_r)
{
	const char *start = at, *stop = at + 1;

	while (start > text && is_local(start[-1]))
		start--;
	while (stop < end && is_domain(*stop))
		stop++;
	while (stop > at && (stop[-1] == '.' || stop[-1] == '-'))
		stop--;
	while (start < at && strchr("'`.", *start) != NULL)
		start++;
	finding_r->start = start;
	finding_r->length = (size_t)(stop - start);
	return start < at && memchr(at, '.', (size_t)(stop - at)) != NULL;
}

/* Does the line lead with the address? */
static bool leads(const char *text, const struct finding *finding)
{
	const char *line = finding->start;

	while (line > text && line[-1] != '\n')
		line--;
	line += strspn(line, " \t*>-=|\"'");
	return line >= finding->start || (*line == '<' && line + 1 == finding->start) ||
	       strncasecmp(line, "<mailto:", 8) == 0 ||
	       (*line != '<' && begins(line, labels, sizeof(labels) / sizeof(*labels)));
}

static bool next_finding(const char *text, const char *end, const char **from,
			 struct finding *finding_r)
{
	while (*from < end) {
		const char *at = memchr(*from, '@', (size_t)(end - *from));

		if (at == NULL)
			return false;
		*from = at + 1;
		if (!measure(text, end, at, finding_r) ||
		    begins(finding_r->start, writers, sizeof(writers) / sizeof(*writers)))
			continue;
		finding_r->leads = leads(text, finding_r);
		return true;
	}
	return false;
}

static bool is_known(const struct bounce_report *report, const struct finding *finding)
{
	for (size_t i = 0; i < report->count; i++) {
		const char *known = report->recipients[i].address;

		if (strlen(known) == finding->length &&
		    strncasecmp(known, finding->start, finding->length) == 0)
			return true;
	}
	return false;
}

/* From the address to the end of its paragraph, and of the next one when this one says nothing more. */
static const char *beside(const char *from, const char *end)
{
	const char *at = from;

	for (int paragraphs = 0; at < end && paragraphs < 2; paragraphs++) {
		while (at < end && !(at[0] == '\n' && (at + 1 == end || at[1] == '\n')))
			at++;
		if (at - from > 24)
			break;
		while (at < end && *at == '\n')
			at++;
	}
	return at;
}

static void add(const struct finding *finding, const char *end, struct bounce_report *report)
{
	struct bounce_recipient *recipient;
	const char *after = finding->start + finding->length;

	if (is_known(report, finding))
		return;
	recipient = bounce_recipient_add(report, finding->start, finding->length);
	if (recipient == NULL)
		return;
	after += strspn(after, ">):; \t\n");
	if (after < end)
		bounce_copy_line(recipient->text, sizeof(recipient->text), after,
				 (size_t)(beside(after, end) - after));
	(void)bounce_status_find(recipient->text, recipient->status);
}

void bounce_text_read(const char *text, size_t length, struct bounce_report *report)
{
	const char *end = text + length, *from = text;
	struct finding finding, first = {0};

	while (next_finding(text, end, &from, &finding)) {
		if (finding.leads)
			add(&finding, end, report);
		else if (first.start == NULL)
			first = finding;
	}
	if (report->count == 0 && first.start != NULL)
		add(&first, end, report);
}
