/* SPDX-License-Identifier: BSD-2-Clause */
/* One line of the mail log: when, which program, what. */
#ifndef EASYMAIL_TRACKER_LOG_LINE_H
#define EASYMAIL_TRACKER_LOG_LINE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define LOG_LINE_SIZE 8192 /* octets of a line that is read, with the NUL; a longer one is cut */

/* Points into the line that was parsed. */
struct log_line {
	int64_t at;    /* UTC, seconds */
	char *program; /* "postfix/smtp" */
	char *text;
};

/*
 * A line as syslog daemons and postlogd(8) write it, which is changed in place: control characters and what is not
 * UTF-8 become `?`. The date is RFC 3339's, or "Nov 24 13:18:03" in local time, whose year is the last in which it
 * is not more than a day after `now`. False: it is no such line.
 */
bool log_line_parse(char *line, time_t now, struct log_line *line_r)
    __attribute__((nonnull, warn_unused_result));

#endif
