/* SPDX-License-Identifier: BSD-2-Clause */
/* Every option of easymail.conf: one line each, sorted by program; the man page's list is made of it. */
#include "common/config.h"

#define MS(seconds) ((int64_t)(seconds)*1000)

/* clang-format off */
const struct config_option config_options[] = {
	/* name, kind, default, least, most, choices, help */
	{"bulk.key_file", CONFIG_PATH, "/etc/easymail/return-path.key", 0, 0, NULL, "The key that vouches for the envelope senders of bulk mail; with another one bounces of mail that has left do not count."},
	{"antispam.breaker_failures", CONFIG_NUMBER, "5", 1, 1000, NULL, "After how many failures in a row rspamd is not asked for a while."},
	{"antispam.breaker_pause", CONFIG_SECONDS, "10s", 100, MS(3600), NULL, "How long rspamd is not asked then; afterwards one message tries."},
	{"antispam.engine", CONFIG_CHOICE, "rspamd", 0, 0, "none|rspamd", "What tells spam from mail; none: nobody is asked, and the settings antispam.* count for nothing."},
	{"antispam.socket", CONFIG_PATH, "/run/easymail-rspamd/rspamd.sock", 0, 0, NULL, "Where rspamd answers easymail-milter."},
	{"antispam.timeout", CONFIG_SECONDS, "10s", 100, MS(120), NULL, "How long rspamd may take over one message; longer than its own task_timeout."},
	{"database", CONFIG_PATH, "/var/lib/easymail/tenants.db", 0, 0, NULL, "The database of tenants and policy."},
	{"database.busy_timeout", CONFIG_SECONDS, "1s", 100, MS(30), NULL, "How long a look-up waits for another program's lock before it fails."},
	{"dkim.key_file", CONFIG_PATH, "/etc/easymail/dkim.key", 0, 0, NULL, "The key under which DKIM private keys in the database are sealed; without it they are lost, so back it up."},
	{"dkim.key_file_group", CONFIG_TEXT, "easymail", 0, 0, NULL, "The group that a new dkim.key_file is readable for: that of easymail-milter."},
	{"dkim.keys_cached", CONFIG_NUMBER, "4096", 1, 1000000, NULL, "How many opened DKIM keys easymail-milter keeps; an RSA key takes 6 KB."},
	{"dkim.verify_max_bytes", CONFIG_NUMBER, "52428800", 0, 1073741824, NULL, "The longest body that a tenant's own signatures are verified with; those of a longer one are kept."},
	{"dkim.verify_timeout", CONFIG_SECONDS, "10s", 100, MS(60), NULL, "How long the look-ups for one message's own signatures may take together; what is not known then is kept."},
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
	{"notices.directory", CONFIG_PATH, "/var/lib/easymail/notices", 0, 0, NULL, "Where easymail-milter leaves notices to tenants for `easymailctl notice send`."},
	{"postfix.config_directory", CONFIG_PATH, "/etc/postfix", 0, 0, NULL, "The configuration directory of the Postfix that easymail serves."},
	{"scanner.canary_interval", CONFIG_SECONDS, "5m", 100, MS(86400), NULL, "How often each worker of the scanner has to find the canary again."},
	{"scanner.control_socket", CONFIG_PATH, "/run/easymail-scanner/control.sock", 0, 0, NULL, "Where easymail-scanner answers easymailctl."},
	{"scanner.database_directory", CONFIG_PATH, "/var/lib/clamav", 0, 0, NULL, "The signatures that the scanner loads, as freshclam puts them there."},
	{"scanner.max_message_bytes", CONFIG_NUMBER, "52428800", 1024, 1073741824, NULL, "The largest message that is scanned; a larger one is unknown."},
	{"scanner.memory_bytes", CONFIG_NUMBER, "1073741824", 1048576, 68719476736, NULL, "Address space that a scan may take beside the signatures; a scan that needs more is unknown."},
	{"scanner.namespaces", CONFIG_CHOICE, "auto", 0, 0, "auto|required|off", "Whether workers live in namespaces of their own: where the kernel allows it, always, or never."},
	{"scanner.queue_limit", CONFIG_NUMBER, "200", 0, 100000, NULL, "How many messages may wait for a worker; more are answered 451."},
	{"scanner.queue_timeout", CONFIG_SECONDS, "20s", 10, MS(600), NULL, "How long a message may wait for a worker before it is answered 451."},
	{"scanner.reload_interval", CONFIG_SECONDS, "1m", 100, MS(86400), NULL, "How often the scanner looks for new signatures."},
	{"scanner.socket", CONFIG_PATH, "/run/easymail-scanner/scanner.sock", 0, 0, NULL, "Where easymail-scanner takes messages."},
	{"scanner.socket_mode", CONFIG_TEXT, "0660", 0, 0, NULL, "Permissions of scanner.socket, octal."},
	{"scanner.temp_bytes", CONFIG_NUMBER, "268435456", 65536, 17179869184, NULL, "Space for the temporary files of one worker; twice what is unpacked in one scan."},
	{"scanner.temp_directory", CONFIG_PATH, "/run/easymail-scanner/temp", 0, 0, NULL, "Where workers without a namespace make their directories; best on a tmpfs."},
	{"scanner.timeout", CONFIG_SECONDS, "5s", 100, MS(600), NULL, "How long the scan of one message may take; then it is unknown."},
	{"scanner.user", CONFIG_TEXT, "easymail-scan", 0, 0, NULL, "The user that easymail-scanner becomes when root starts it."},
	{"scanner.workers", CONFIG_NUMBER, "0", 0, 256, NULL, "How many messages are scanned at once; 0: as many as there are processors."},
	{"spf.timeout", CONFIG_SECONDS, "3s", 100, MS(30), NULL, "How long a message waits to learn its SPF results where the setting spf.on_fail is hold or refuse; then they are unknown."},
	{NULL, CONFIG_TEXT, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */
