/* SPDX-License-Identifier: BSD-2-Clause */
/* Dates and tags of log lines. */
#include "services/tracker/log_line.h"
#include "common/utf8.h"
#include <ctype.h>
#include <string.h>

#define DAY 86400

/* Exactly `count` digits; moves on. */
static bool take_number(const char **at, int count, int *number_r)
{
	*number_r = 0;
	for (int i = 0; i < count; i++, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*number_r = *number_r * 10 + (**at - '0');
	}
	return true;
}

static bool take_letter(const char **at, char letter)
{
	if (**at != letter)
		return false;
	(*at)++;
	return true;
}

static bool take_clock(const char **at, struct tm *date)
{
	return take_number(at, 2, &date->tm_hour) && take_letter(at, ':') &&
	       take_number(at, 2, &date->tm_min) && take_letter(at, ':') &&
	       take_number(at, 2, &date->tm_sec) && date->tm_hour < 24 && date->tm_min < 60 &&
	       date->tm_sec <= 60;
}

/* "Z" or "+01:00": seconds east of Greenwich. */
static bool take_zone(const char **at, int *seconds_r)
{
	int hours, minutes, sign = **at == '-' ? -1 : 1;

	*seconds_r = 0;
	if (take_letter(at, 'Z'))
		return true;
	if (!take_letter(at, '+') && !take_letter(at, '-'))
		return false;
	if (!take_number(at, 2, &hours) || !take_letter(at, ':') || !take_number(at, 2, &minutes))
		return false;
	*seconds_r = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* RFC 3339: 2026-11-24T13:18:03.123456+01:00 */
static bool take_full_date(const char **at, int64_t *when_r)
{
	struct tm date = {0};
	int zone;

	if (!take_number(at, 4, &date.tm_year) || !take_letter(at, '-') ||
	    !take_number(at, 2, &date.tm_mon) || !take_letter(at, '-') ||
	    !take_number(at, 2, &date.tm_mday) || !take_letter(at, 'T') || !take_clock(at, &date))
		return false;
	if (date.tm_mon < 1 || date.tm_mon > 12 || date.tm_mday < 1 || date.tm_mday > 31)
		return false;
	if (take_letter(at, '.'))
		*at += strspn(*at, "0123456789");
	if (!take_zone(at, &zone))
		return false;
	date.tm_year -= 1900;
	date.tm_mon -= 1;
	*when_r = (int64_t)timegm(&date) - zone;
	return true;
}

static bool take_month(const char **at, int *month_r)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int month = 0; month < 12; month++) {
		if (strncmp(*at, names + 3 * (size_t)month, 3) == 0) {
			*month_r = month;
			*at += 3;
			return true;
		}
	}
	return false;
}

/* The time that this date of the year before or after means, too. */
static int64_t local_time(const struct tm *date, int year)
{
	struct tm copy = *date;

	copy.tm_year = year;
	copy.tm_isdst = -1;
	return (int64_t)mktime(&copy);
}

/* RFC 3164: Nov 24 13:18:03, the day padded with a blank. */
static bool take_short_date(const char **at, time_t now, int64_t *when_r)
{
	struct tm date = {0}, today;
	int year;

	if (!take_month(at, &date.tm_mon) || !take_letter(at, ' '))
		return false;
	if (!take_number(at, take_letter(at, ' ') ? 1 : 2, &date.tm_mday) ||
	    !take_letter(at, ' ') || !take_clock(at, &date) || date.tm_mday < 1 ||
	    date.tm_mday > 31 || localtime_r(&now, &today) == NULL)
		return false;
	year = today.tm_year + 1;
	do
		*when_r = local_time(&date, year);
	while (*when_r > (int64_t)now + DAY && year-- > today.tm_year - 1);
	return true;
}

/* "host program[123]: text": the host is of no interest. */
static bool take_tag(char *at, struct log_line *line_r)
{
	char *end;

	at += strcspn(at, " ");
	if (*at != ' ')
		return false;
	line_r->program = at + 1;
	end = line_r->program + strcspn(line_r->program, " [:");
	if (end == line_r->program || *end == ' ' || *end == '\0')
		return false;
	line_r->text = *end == '[' ? strchr(end, ']') : end;
	if (line_r->text == NULL)
		return false;
	line_r->text += *end == '[';
	if (strncmp(line_r->text, ": ", 2) != 0)
		return false;
	line_r->text += 2;
	*end = '\0';
	return true;
}

bool log_line_parse(char *line, time_t now, struct log_line *line_r)
{
	const char *at = line;

	utf8_make_printable(line);
	if (isdigit((unsigned char)*line) ? !take_full_date(&at, &line_r->at)
					  : !take_short_date(&at, now, &line_r->at))
		return false;
	return *at == ' ' && take_tag(line + (at - line) + 1, line_r);
}
