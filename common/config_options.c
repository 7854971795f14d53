/* SPDX-License-Identifier: BSD-2-Clause */
/* Every option of easymail.conf: one line each, sorted by program; the man page's list is made of it. */
#include "common/config.h"

#define MS(seconds) ((int64_t)(seconds)*1000)

/* clang-format off */
const struct config_option config_options[] = {
	/* name, kind, default, least, most, choices, help */
	{"database", CONFIG_PATH, "/var/lib/easymail/tenants.db", 0, 0, NULL, "The database of tenants and policy."},
	{"database.busy_timeout", CONFIG_SECONDS, "1s", 100, MS(30), NULL, "How long a look-up waits for another program's lock before it fails."},
	{"dns.servers", CONFIG_TEXT, "", 0, 0, NULL, "DNS servers to ask, as in 192.0.2.53 or 127.0.0.1@5353, separated by blanks; empty: those of /etc/resolv.conf."},
	{"dns.timeout", CONFIG_SECONDS, "5s", 100, MS(60), NULL, "How long one DNS question may take; after that its answer is unknown."},
	{"hostname", CONFIG_TEXT, "", 0, 0, NULL, "This host's name in headers and reports; empty: what the system calls itself."},
	{"log.target", CONFIG_CHOICE, "syslog", 0, 0, "syslog|stderr", "Where log lines go: syslog's mail facility, or standard error."},
	{"mapd.max_clients", CONFIG_NUMBER, "1000", 1, 100000, NULL, "How many of Postfix's connections easymail-mapd serves at once."},
	{"mapd.socket", CONFIG_PATH, "/var/spool/postfix/easymail/mapd.sock", 0, 0, NULL, "Where easymail-mapd answers Postfix's look-ups."},
	{"mapd.socket_mode", CONFIG_TEXT, "0660", 0, 0, NULL, "Permissions of mapd.socket, octal."},
	{"milter.control_socket", CONFIG_PATH, "/run/easymail/milter-control.sock", 0, 0, NULL, "Where easymail-milter answers easymailctl."},
	{"milter.database_handles", CONFIG_NUMBER, "8", 1, 256, NULL, "How many read handles on the database the milter's threads share."},
	{"milter.drain_timeout", CONFIG_SECONDS, "5m", MS(1), MS(86400), NULL, "How long a restarted milter lets its old sessions finish."},
	{"milter.max_busy", CONFIG_NUMBER, "64", 1, 4096, NULL, "How many callbacks of the milter may run at once; more are answered 451."},
	{"milter.max_sessions", CONFIG_NUMBER, "2000", 1, 100000, NULL, "How many SMTP sessions the milter serves at once; more are answered 451."},
	{"milter.message_max_headers", CONFIG_NUMBER, "1048576", 65536, 16777216, NULL, "Octets of headers a message may have in all; more are refused."},
	{"milter.socket", CONFIG_PATH, "/var/spool/postfix/easymail/milter.sock", 0, 0, NULL, "Where easymail-milter listens for Postfix."},
	{"milter.socket_mode", CONFIG_TEXT, "0660", 0, 0, NULL, "Permissions of milter.socket, octal."},
	{"postfix.config_directory", CONFIG_PATH, "/etc/postfix", 0, 0, NULL, "The configuration directory of the Postfix that easymail serves."},
	{NULL, CONFIG_TEXT, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */
