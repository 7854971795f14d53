/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups of fields in delivery status notifications and feedback reports. */
#include "common/bounce_status.h"
#include "common/mail_parts.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define GROUP_MAX 4096 /* octets of a group that are read */

void bounce_copy_line(char *to, size_t size, const char *from, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && from[i] != '\0' && used + 1 < size; i++) {
		bool blank = (unsigned char)from[i] <= ' ' || from[i] == 0x7f;

		if (blank && (used == 0 || to[used - 1] == ' '))
			continue;
		to[used++] = blank ? ' ' : from[i];
	}
	while (used > 0 && to[used - 1] == ' ')
		used--;
	to[used] = '\0';
}

struct bounce_recipient *bounce_recipient_add(struct bounce_report *report, const char *address,
					      size_t length)
{
	struct bounce_recipient *recipient;

	if (report->count == BOUNCE_RECIPIENTS_MAX)
		return NULL;
	recipient = &report->recipients[report->count++];
	memset(recipient, 0, sizeof(*recipient));
	bounce_copy_line(recipient->address, sizeof(recipient->address), address, length);
	return recipient;
}

/* "5.1.1" at the text's beginning, with one to three digits in each place; its length or 0. */
static size_t status_length(const char *text)
{
	size_t at = 1;

	if ((text[0] != '4' && text[0] != '5') || text[1] != '.')
		return 0;
	for (int place = 0; place < 2; place++) {
		size_t digits = 0;

		if (text[at++] != '.')
			return 0;
		while (digits < 4 && isdigit((unsigned char)text[at + digits]))
			digits++;
		if (digits == 0 || digits > 3)
			return 0;
		at += digits;
	}
	return isdigit((unsigned char)text[at]) ||
		       (text[at] == '.' && isdigit((unsigned char)text[at + 1]))
		   ? 0
		   : at;
}

bool bounce_status_find(const char *text, char status_r[12])
{
	char before = ' ';

	status_r[0] = '\0';
	for (; *text != '\0'; before = *text++) {
		size_t length =
		    isalnum((unsigned char)before) || before == '.' ? 0 : status_length(text);

		if (length > 0) {
			memcpy(status_r, text, length);
			status_r[length] = '\0';
			return true;
		}
	}
	return false;
}

/* "rfc822; jane@example.net" without its type and angle brackets. */
static const char *typed_address(const char *value, size_t *length_r)
{
	const char *semicolon = strchr(value, ';');

	if (semicolon != NULL)
		value = semicolon + 1;
	value += strspn(value, " <");
	*length_r = strcspn(value, " >");
	return value;
}

/* RFC 3461 section 4: `+2B` stands for an octet. In place. */
static void decode_xtext(char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	char *to = text;

	for (; *text != '\0'; text++) {
		const char *high =
		    text[0] == '+' && text[1] != '\0' ? strchr(digits, text[1]) : NULL;
		const char *low = high != NULL && text[2] != '\0' ? strchr(digits, text[2]) : NULL;
		int octet = low != NULL ? (int)((high - digits) * 16 + (low - digits)) : 0;

		if (octet > ' ' && octet < 0x7f) {
			*to++ = (char)octet;
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static enum bounce_action parse_action(const char *value)
{
	if (strncasecmp(value, "delayed", 7) == 0)
		return BOUNCE_DELAYED;
	if (strncasecmp(value, "delivered", 9) == 0 || strncasecmp(value, "relayed", 7) == 0 ||
	    strncasecmp(value, "expanded", 8) == 0)
		return BOUNCE_DELIVERED;
	return BOUNCE_FAILED;
}

/* Whom we wrote to comes first: the final one may be where an alias led to. */
static struct bounce_recipient *add_recipient(const char *group, struct bounce_report *report)
{
	struct bounce_recipient *recipient;
	char value[MAIL_HEADER_SIZE];
	const char *address;
	size_t length;
	bool original =
	    mail_field(group, "Original-Recipient", value) && strchr(value, '@') != NULL;

	if (!original && !mail_field(group, "Final-Recipient", value) &&
	    !mail_field(group, "X-Actual-Recipient", value))
		return NULL;
	address = typed_address(value, &length);
	recipient = bounce_recipient_add(report, address, length);
	if (recipient != NULL && original)
		decode_xtext(recipient->address);
	return recipient;
}

/* A group's lines, of which there may be none. */
static void read_group(char *group, size_t length, struct bounce_report *report)
{
	struct bounce_recipient *recipient;
	char value[MAIL_HEADER_SIZE];
	const char *said;

	group[length] = '\0';
	recipient = length > 0 ? add_recipient(group, report) : NULL;
	if (recipient == NULL)
		return;
	if (mail_field(group, "Action", value))
		recipient->action = parse_action(value);
	if (mail_field(group, "Status", value))
		(void)bounce_status_find(value, recipient->status);
	if (!mail_field(group, "Diagnostic-Code", value))
		return;
	said = strchr(value, ';');
	said = said != NULL && said - value < 16 ? said + 1 : value;
	bounce_copy_line(recipient->text, sizeof(recipient->text), said, strlen(said));
	/* X.0.0 says no more than that it failed; the reply may say why. */
	if (recipient->status[0] == '\0' || strcmp(recipient->status + 1, ".0.0") == 0) {
		char better[12];

		if (bounce_status_find(said, better))
			memcpy(recipient->status, better, sizeof(better));
	}
}

static bool is_blank_line(const char *line, size_t length)
{
	return strspn(line, " \t") >= length;
}

void bounce_status_read(const char *text, struct bounce_report *report)
{
	char group[GROUP_MAX];
	size_t used = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, "\n");

		if (is_blank_line(text, length)) {
			read_group(group, used, report);
			used = 0;
		} else if (used + length + 2 < sizeof(group)) {
			memcpy(group + used, text, length);
			used += length;
			group[used++] = '\n';
		}
		text += length + (text[length] == '\n');
	}
	read_group(group, used, report);
}

bool bounce_feedback_read(const char *text, struct bounce_report *report)
{
	char value[MAIL_HEADER_SIZE];
	const char *address;
	size_t length;

	if (mail_field(text, "Original-Mail-From", value)) {
		address = typed_address(value, &length);
		bounce_copy_line(report->returned_path, sizeof(report->returned_path), address,
				 length);
	}
	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, "Original-Rcpt-To:", 17) != 0 ||
		    !mail_field(line, "Original-Rcpt-To", value))
			continue;
		address = typed_address(value, &length);
		(void)bounce_recipient_add(report, address, length);
	}
	/* "not-spam" takes one back, "virus" and "auth-failure" are not about whether mail is wanted. */
	return !mail_field(text, "Feedback-Type", value) || strcasecmp(value, "abuse") == 0 ||
	       strcasecmp(value, "fraud") == 0 || strcasecmp(value, "opt-out") == 0 ||
	       strcasecmp(value, "opt-out-list") == 0 || strcasecmp(value, "other") == 0;
}
