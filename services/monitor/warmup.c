/* SPDX-License-Identifier: BSD-2-Clause */
/* Days and allowances. */
#include "services/monitor/warmup.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Noon of that day, so that no leap second moves it into another; -1: no date. */
static time_t noon(const char *date)
{
	struct tm tm = {.tm_hour = 12};
	char end;

	if (sscanf(date, "%4d-%2d-%2d%c", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &end) != 3)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return timegm(&tm);
}

int64_t warmup_day(const char *start, const char *today)
{
	time_t first = noon(start), now = noon(today);

	return first < 0 || now < first ? 0 : (now - first) / 86400 + 1;
}

bool warmup_allowance(const struct warmup_schedule *schedule, int64_t day, int64_t *allowance_r)
{
	if (schedule->count == 0 || day < 1 || day > schedule->steps[schedule->count - 1].day)
		return false;
	*allowance_r = 0;
	for (size_t i = 0; i < schedule->count && schedule->steps[i].day <= day; i++)
		*allowance_r = schedule->steps[i].allowance;
	return true;
}
