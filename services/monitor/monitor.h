/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor as a whole: its parts, and one turn of its work. */
#ifndef EASYMAIL_MONITOR_MONITOR_H
#define EASYMAIL_MONITOR_MONITOR_H

#include "services/monitor/child.h"
#include "services/monitor/control.h"
#include "services/monitor/domains.h"
#include "services/monitor/helper.h"
#include "services/monitor/looks.h"
#include "services/monitor/settings.h"
#include "services/monitor/tallies.h"

#define MONITOR_TURN_MS 50

struct monitor {
	struct monitor_settings settings;
	struct helper *helper; /* NULL: none */
	struct control *control;
	struct resolvers *resolvers;
	struct looks looks;
	struct fleet *fleet; /* NULL: not read yet */
	struct tallies *tallies;
	struct domains *domains; /* NULL: domains are not checked */
	struct child_queue *children;
	struct db *db; /* for reading; NULL: not open */
	int64_t read_due_ms;
	bool recovered;
	char today[DATE_SIZE]; /* of the last turn, UTC */
	char error[512];       /* why the database is not read or written, "" when it is */
};

/* One turn of everything: reads the policy if it has changed, looks, rules, writes, announces. Never waits for DNS or
 * the network. */
void monitor_turn(struct monitor *monitor) __attribute__((nonnull));

#endif
