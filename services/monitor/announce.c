/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of an announcement: as environment, and as a mail. */
#include "services/monitor/announce.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VARIABLES 8

static char *format(const char *form, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, form);
	if (vasprintf(&text, form, arguments) < 0)
		abort();
	va_end(arguments);
	return text;
}

static void run_command(const char *command, struct child_queue *queue, const struct move *move)
{
	const char *const words[] = {command, NULL};
	char *variables[VARIABLES] = {
	    format("EASYMAIL_EVENT=egress_state"),
	    format("EASYMAIL_ADDRESS=%s", move->row.address),
	    format("EASYMAIL_GROUP=%s", move->row.group),
	    format("EASYMAIL_OLD=%s", egress_state_name(move->row.ip.state)),
	    format("EASYMAIL_NEW=%s", egress_state_name(move->state)),
	    format("EASYMAIL_REASON=%s", move->reason),
	    format("EASYMAIL_AT=%lld", (long long)move->at),
	    NULL,
	};
	const char *constants[VARIABLES];

	memcpy(constants, variables, sizeof(constants));
	child_queue_add(queue, words, constants, "");
	for (size_t i = 0; i < VARIABLES; i++)
		free(variables[i]);
}

/* What is not ASCII, in no header. */
static void to_ascii(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

static char *make_mail(const char *to, const struct move *move)
{
	const char *old = egress_state_name(move->row.ip.state);
	const char *new = egress_state_name(move->state);
	time_t at = (time_t)move->at;
	char date[64], subject[256];
	struct tm utc;

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&at, &utc));
	snprintf(subject, sizeof(subject), "egress %s is %s: %.120s", move->row.address, new,
		 move->reason);
	to_ascii(subject);
	return format("To: %s\nSubject: %s\nDate: %s\nAuto-Submitted: auto-generated\n"
		      "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
		      "Content-Transfer-Encoding: 8bit\n\n"
		      "Egress address %s of group %s was %s and is %s now.\n\n%s\n\n"
		      "Its story: easymailctl egress show %s\n",
		      to, subject, date, move->row.address, move->row.group, old, new, move->reason,
		      move->row.address);
}

static void send_mail(const struct monitor_settings *settings, struct child_queue *queue,
		      const struct move *move)
{
	const char *to = settings->notify_to;
	const char *const words[] = {
	    "sendmail", "-C", settings->postfix_directory, "-f", "", "-i", "--", to, NULL};
	const char *const nothing[] = {NULL};
	char *text = make_mail(to, move);

	child_queue_add(queue, words, nothing, text);
	free(text);
}

void announce_move(const struct monitor_settings *settings, struct child_queue *queue,
		   const struct move *move)
{
	if (settings->notify_command[0] != '\0')
		run_command(settings->notify_command, queue, move);
	if (settings->notify_to[0] != '\0')
		send_mail(settings, queue, move);
}
