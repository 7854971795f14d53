/* SPDX-License-Identifier: BSD-2-Clause */
/* A DNS server of their own for tests: tests/spf/dns_server.py as a child, told its zone as JSON. */
#ifndef EASYMAIL_DNS_ZONE_H
#define EASYMAIL_DNS_ZONE_H

#include "common/dns.h"
#include "tests/unit/unit.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct dns_zone {
	pid_t pid;
	FILE *in; /* closing it ends the server */
	int port;
	char servers[32]; /* for dns_new */
};

/* Runs in the child: its standard input and output are the pipes, its zone a file without a name. */
static inline void dns_zone_exec(const int in[2], const int out[2], FILE *zone, const char *port)
{
	char path[32];

	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	close(in[1]);
	close(out[0]);
	snprintf(path, sizeof(path), "/dev/fd/%d", fileno(zone));
	execl("/usr/bin/python3", "python3", "-B", DNS_SERVER, path, port, (char *)NULL);
	_exit(127);
}

/* Port 0 takes any that is free. */
static inline void dns_zone_start(struct dns_zone *zone_r, const char *json, int port)
{
	FILE *zone = tmpfile(), *answer;
	int in[2], out[2];
	char text[16];

	ck_assert_ptr_nonnull(zone);
	fputs(json, zone);
	rewind(zone);
	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	snprintf(text, sizeof(text), "%d", port);
	zone_r->pid = fork();
	ck_assert_int_ge(zone_r->pid, 0);
	if (zone_r->pid == 0)
		dns_zone_exec(in, out, zone, text);
	close(in[0]);
	close(out[1]);
	fclose(zone);
	zone_r->in = fdopen(in[1], "w");
	answer = fdopen(out[0], "r");
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), answer));
	fclose(answer);
	zone_r->port = atoi(text);
	snprintf(zone_r->servers, sizeof(zone_r->servers), "127.0.0.1@%d", zone_r->port);
}

/* Any of our threads may be in a signal's way; the child ends when its standard input does. */
static inline void dns_zone_stop(struct dns_zone *zone)
{
	fclose(zone->in);
	ck_assert_int_eq(waitpid(zone->pid, NULL, 0), zone->pid);
}

static inline struct dns *dns_of(const char *servers, int timeout_ms)
{
	struct error err;
	struct dns *dns;

	ck_assert_msg(dns_new(servers, timeout_ms, &dns, &err), "%s", err.text);
	return dns;
}

#endif
