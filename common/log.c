/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines: one write(2) or syslog(3) call each, so lines of several threads do not mix. */
#include "common/log.h"
#include "common/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define LINE_SIZE 4096

/* As syslog(3) itself, one per process; written by log_open alone, before any thread starts. */
static struct {
	const char *program;
	enum log_target target;
} logger = {"easymail", LOG_TARGET_STDERR};

void log_open(const char *program, enum log_target target)
{
	logger.program = program;
	logger.target = target;
	if (target == LOG_TARGET_SYSLOG)
		openlog(program, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static const char *priority_name(int priority)
{
	switch (priority) {
	case LOG_INFO:
		return "info";
	case LOG_WARNING:
		return "warning";
	default:
		return "error";
	}
}

static void write_stderr(int priority, const char *text)
{
	char line[LINE_SIZE + 128];
	ssize_t written;
	int length;

	length = snprintf(line, sizeof(line), "%.64s[%ld]: %s: %s\n", logger.program,
			  (long)getpid(), priority_name(priority), text);
	written = write(STDERR_FILENO, line, (size_t)length);
	(void)written; /* there is nowhere left to say that it failed */
}

/* `before` is put in front of the text. */
static void __attribute__((format(printf, 3, 0)))
write_line(int priority, const char *before, const char *format, va_list arguments)
{
	char text[LINE_SIZE];
	size_t used = strlen(before);

	memcpy(text, before, used);
	if (vsnprintf(text + used, sizeof(text) - used, format, arguments) < 0)
		snprintf(text + used, sizeof(text) - used, "(unprintable: %.200s)", format);
	utf8_make_printable(text);
	if (logger.target == LOG_TARGET_SYSLOG)
		syslog(priority, "%s", text);
	else
		write_stderr(priority, text);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_INFO, "", format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_WARNING, "", format, arguments);
	va_end(arguments);
}

void log_error(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_ERR, "", format, arguments);
	va_end(arguments);
}

void log_alarm(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(LOG_ERR, "ALARM ", format, arguments);
	va_end(arguments);
}
