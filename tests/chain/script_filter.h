/* SPDX-License-Identifier: BSD-2-Clause */
/* Two filters for tests: they do what the test's script says and count what becomes of messages. */
#ifndef EASYMAIL_SCRIPT_FILTER_H
#define EASYMAIL_SCRIPT_FILTER_H

#include "milters/chain/filter.h"
#include <stdatomic.h>

enum script_event {
	SCRIPT_MAIL,
	SCRIPT_RCPT,
	SCRIPT_DATA,
	SCRIPT_EOH,
	SCRIPT_BODY,
	SCRIPT_EOM,
	SCRIPT_EVENTS,
};

/* Set before a session begins; all threads read it. */
struct script {
	enum verdict verdict[SCRIPT_EVENTS];     /* what `script_filter` answers */
	const char *text;                        /* with it; NULL: the verdict alone */
	void (*change)(struct message *message); /* at eoh; may be NULL */
	void (*work)(void);                      /* at mail, before the answer; may be NULL */
};

extern struct script script;
extern atomic_int script_news, script_frees, script_calls[SCRIPT_EVENTS];

/* Listens to every event. */
extern const struct filter script_filter;
/* Comes after it: counts what it sees, by event, in script_calls. */
extern const struct filter count_filter;

/* All CONTINUE, no change, counts zero. */
void script_reset(void);

#endif
