/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resolver: one libunbound context for the process, whose own thread works on all questions at
 * once, and a thread of ours that hands its answers to those who wait.
 */
#include "common/dns.h"
#include "common/dns_wire.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unbound.h>
#include <unistd.h>

struct dns {
	struct ub_ctx *unbound;
	int timeout_ms;
	int stop_fd; /* readable: the dispatcher ends */
	pthread_t dispatcher;
	pthread_mutex_t lock; /* of all questions */
	bool cancelled;
};

struct dns_question {
	struct dns *dns;
	pthread_cond_t answered;
	int64_t expires;
	int id;         /* libunbound's */
	bool done;      /* the answer is there */
	bool abandoned; /* nobody waits: whoever answers it frees it */
	enum dns_type type;
	char name[DNS_NAME_MAX + 2];
	struct dns_answer answer;
};

int64_t dns_deadline(int ms)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + ms;
}

/* --- Questions ------------------------------------------------------------------------------- */

static void question_free(struct dns_question *question)
{
	dns_answer_clear(&question->answer);
	pthread_cond_destroy(&question->answered);
	free(question);
}

static enum dns_status read_data(enum dns_type type, const struct ub_result *result,
				 struct dns_answer *answer_r)
{
	struct dns_wire wires[DNS_RECORDS_MAX];
	size_t count;

	for (count = 0; result->data[count]; count++) {
		if (count == DNS_RECORDS_MAX || result->len[count] < 0)
			return DNS_BAD_ANSWER;
		wires[count].data = (const unsigned char *)result->data[count];
		wires[count].length = (size_t)result->len[count];
	}
	return dns_wire_read(type, wires, count, answer_r) ? DNS_FOUND : DNS_BAD_ANSWER;
}

static enum dns_status read_result(enum dns_type type, const struct ub_result *result,
				   struct dns_answer *answer_r)
{
	if (result->bogus)
		return DNS_BOGUS;
	if (result->havedata)
		return read_data(type, result, answer_r);
	if (result->nxdomain)
		return DNS_NXDOMAIN;
	return result->rcode == 0 ? DNS_NODATA : DNS_SERVFAIL;
}

/* libunbound's callback, in the dispatcher. */
static void question_answered(void *context, int failure, struct ub_result *result)
{
	struct dns_question *question = context;
	struct dns *dns = question->dns;
	struct dns_answer answer = {.status = DNS_FAILED};
	bool abandoned;

	if (failure == 0 && result) {
		answer.status = read_result(question->type, result, &answer);
		if (answer.status <= DNS_NXDOMAIN && result->ttl > 0)
			answer.ttl = result->ttl;
	}
	ub_resolve_free(result);
	pthread_mutex_lock(&dns->lock);
	question->answer = answer;
	question->done = true;
	abandoned = question->abandoned;
	if (!abandoned)
		pthread_cond_signal(&question->answered);
	pthread_mutex_unlock(&dns->lock);
	if (abandoned)
		question_free(question);
}

static struct dns_question *question_new(struct dns *dns, const char *name, enum dns_type type)
{
	struct dns_question *question = calloc(1, sizeof(*question));
	pthread_condattr_t monotonic;

	if (!question)
		abort();
	question->dns = dns;
	question->type = type;
	question->expires = dns_deadline(dns->timeout_ms);
	snprintf(question->name, sizeof(question->name), "%s", name);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&question->answered, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return question;
}

struct dns_question *dns_start(struct dns *dns, const char *name, enum dns_type type)
{
	struct dns_question *question = question_new(dns, name, type);
	char escaped[DNS_ESCAPED_SIZE];

	if (!dns_wire_escape(name, escaped)) {
		question->answer.status = DNS_BAD_NAME;
		question->done = true;
	} else if (ub_resolve_async(dns->unbound, escaped, (int)type, 1, question,
				    question_answered, &question->id) != 0) {
		question->answer.status = DNS_FAILED;
		question->done = true;
	}
	return question;
}

/* Nobody waits any longer; the caller holds the lock. A question that libunbound lets go of gets no
 * answer and is freed here; one whose answer is on its way already is freed by that. */
static void question_abandon(struct dns_question *question)
{
	struct dns *dns = question->dns;
	int id = question->id;

	question->abandoned = true;
	pthread_mutex_unlock(&dns->lock);
	if (ub_cancel(dns->unbound, id) == 0)
		question_free(question);
}

static enum found answer_found(const char *name, enum dns_type type, enum dns_status status,
			       struct error *err)
{
	const char *what = dns_type_name(type);

	switch (status) {
	case DNS_FOUND:
		return FOUND_ONE;
	case DNS_NODATA:
	case DNS_NXDOMAIN:
		return FOUND_NONE;
	case DNS_TIMEOUT:
		error_set(err, "DNS: no answer for %s %s in time", name, what);
		break;
	case DNS_SERVFAIL:
		error_set(err, "DNS: the servers could not answer for %s %s", name, what);
		break;
	case DNS_BOGUS:
		error_set(err, "DNS: the answer for %s %s fails DNSSEC", name, what);
		break;
	case DNS_BAD_NAME:
		error_set(err, "DNS: \"%s\" is not a name that can be asked for", name);
		break;
	case DNS_BAD_ANSWER:
		error_set(err, "DNS: the answer for %s %s is malformed or has over %d records",
			  name, what, DNS_RECORDS_MAX);
		break;
	case DNS_FAILED:
		error_set(err, "DNS: out of resources, could not ask for %s %s", name, what);
		break;
	}
	return FOUND_ERROR;
}

/* Waits for the answer; the caller holds the lock. By slices: each question has a condition of its own,
 * so that an answer wakes one thread, and a cancelling has none to signal. */
static void question_wait(struct dns_question *question, int64_t until)
{
	struct dns *dns = question->dns;

	while (!question->done && !dns->cancelled) {
		int64_t slice = dns_deadline(DNS_CANCEL_MS);
		int64_t end = slice < until ? slice : until;
		struct timespec when = {.tv_sec = end / 1000, .tv_nsec = end % 1000 * 1000000};
		int late = pthread_cond_timedwait(&question->answered, &dns->lock, &when);

		if (late != 0 && end == until)
			return;
	}
}

enum found dns_finish(struct dns_question *question, int64_t deadline, struct dns_answer *answer_r,
		      struct error *err)
{
	struct dns *dns = question->dns;
	int64_t until =
	    deadline != 0 && deadline < question->expires ? deadline : question->expires;
	enum dns_type type = question->type;
	char name[sizeof(question->name)];

	memcpy(name, question->name, sizeof(name));
	*answer_r = (struct dns_answer){.status = DNS_TIMEOUT};
	pthread_mutex_lock(&dns->lock);
	question_wait(question, until);
	if (question->done) {
		*answer_r = question->answer;
		question->answer = (struct dns_answer){.status = DNS_FAILED};
		pthread_mutex_unlock(&dns->lock);
		question_free(question);
	} else {
		question_abandon(question);
	}
	return answer_found(name, type, answer_r->status, err);
}

bool dns_is_due(struct dns_question *question)
{
	struct dns *dns = question->dns;
	bool due;

	pthread_mutex_lock(&dns->lock);
	due = question->done || dns->cancelled;
	pthread_mutex_unlock(&dns->lock);
	return due || dns_deadline(0) >= question->expires;
}

enum found dns_ask(struct dns *dns, const char *name, enum dns_type type, int64_t deadline,
		   struct dns_answer *answer_r, struct error *err)
{
	return dns_finish(dns_start(dns, name, type), deadline, answer_r, err);
}

/* --- The context ----------------------------------------------------------------------------- */

/* Library defaults are for a single user: too few ports, and private names never leave the process. */
static const char *const unbound_options[][2] = {
    {"outgoing-range:", "512"},
    {"outgoing-num-tcp:", "32"},
    {"num-queries-per-thread:", "4096"},
    {"msg-cache-size:", "8m"},
    {"rrset-cache-size:", "16m"},
    {"infra-keep-probing:", "yes"}, /* or a server that was dead once is shunned for 15 minutes */
    {"infra-host-ttl:", "60"},
    {"unblock-lan-zones:", "yes"}, /* reverse names of private networks are the servers' business */
};

/* Zones that libunbound would answer for by itself. */
static const char *const unbound_zones[] = {"127.in-addr.arpa", "test"};

static bool set_options(struct ub_ctx *unbound, struct error *err)
{
	size_t i;

	for (i = 0; i < sizeof(unbound_options) / sizeof(unbound_options[0]); i++) {
		int failure =
		    ub_ctx_set_option(unbound, unbound_options[i][0], unbound_options[i][1]);

		if (failure != 0)
			return error_set(err, "libunbound refuses %s %s: %s", unbound_options[i][0],
					 unbound_options[i][1], ub_strerror(failure));
	}
	return true;
}

/* One server: an address, or address@port. */
static bool add_server(struct ub_ctx *unbound, const char *server, struct error *err)
{
	char address[IP_TEXT_SIZE];
	size_t length = strcspn(server, "@");
	char *end = NULL;
	struct ip ip;
	long port = 53;

	if (server[length] == '@')
		port = strtol(server + length + 1, &end, 10);
	snprintf(address, sizeof(address), "%.*s", (int)length, server);
	if (length >= sizeof(address) || !ip_parse(address, &ip, err) ||
	    (end && (*end != '\0' || end == server + length + 1)) || port < 1 || port > 65535)
		return error_set(err,
				 "\"%s\" is no DNS server: write an address such as 192.0.2.53, "
				 "with another port than 53 as 192.0.2.53@5353",
				 server);
	if (ub_ctx_set_fwd(unbound, server) != 0)
		return error_set(err, "libunbound refuses the DNS server \"%s\"", server);
	return true;
}

static bool set_servers(struct ub_ctx *unbound, const char *servers, struct error *err)
{
	static const char separators[] = " \t,";
	char server[IP_TEXT_SIZE + 8];
	int failure;

	servers += strspn(servers, separators);
	if (*servers == '\0') {
		failure = ub_ctx_resolvconf(unbound, NULL);
		return failure == 0 ||
		       error_set(err, "cannot read /etc/resolv.conf: %s", strerror(errno));
	}
	while (*servers) {
		size_t length = strcspn(servers, separators);

		snprintf(server, sizeof(server), "%.*s", (int)length, servers);
		if (length >= sizeof(server))
			return error_set(err, "\"%s…\" is too long for a DNS server", server);
		if (!add_server(unbound, server, err))
			return false;
		servers += length;
		servers += strspn(servers, separators);
	}
	return true;
}

static void *dispatch(void *context)
{
	struct dns *dns = context;
	struct pollfd fds[2] = {{.fd = ub_fd(dns->unbound), .events = POLLIN},
				{.fd = dns->stop_fd, .events = POLLIN}};

	while (fds[1].revents == 0) {
		if (poll(fds, 2, -1) > 0 && fds[0].revents != 0)
			ub_process(dns->unbound);
	}
	return NULL;
}

static void ignore_answer(void *context, int failure, struct ub_result *result)
{
	(void)context;
	(void)failure;
	ub_resolve_free(result);
}

/* Starts both threads. The first question starts libunbound's own; this one it answers by itself.
 * Signals are the program's: no thread of a library may take them. */
static bool start_threads(struct dns *dns, struct error *err)
{
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started =
	    ub_resolve_async(dns->unbound, "localhost", DNS_A, 1, NULL, ignore_answer, NULL) == 0 &&
	    pthread_create(&dns->dispatcher, NULL, dispatch, dns) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started || error_set(err, "cannot start the threads of the DNS resolver");
}

static bool remove_zones(struct ub_ctx *unbound, struct error *err)
{
	size_t i;

	for (i = 0; i < sizeof(unbound_zones) / sizeof(unbound_zones[0]); i++) {
		int failure = ub_ctx_zone_remove(unbound, unbound_zones[i]);

		if (failure != 0)
			return error_set(err, "libunbound cannot drop %s: %s", unbound_zones[i],
					 ub_strerror(failure));
	}
	return true;
}

static bool dns_open(struct dns *dns, const char *servers, struct error *err)
{
	dns->unbound = ub_ctx_create();
	dns->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (!dns->unbound || dns->stop_fd < 0)
		return error_set(err, "cannot create a DNS resolver: %s", strerror(errno));
	ub_ctx_async(dns->unbound, 1);
	return set_options(dns->unbound, err) && set_servers(dns->unbound, servers, err) &&
	       remove_zones(dns->unbound, err) && start_threads(dns, err);
}

static void dns_close(struct dns *dns)
{
	if (dns->unbound)
		ub_ctx_delete(dns->unbound);
	if (dns->stop_fd >= 0)
		close(dns->stop_fd);
	pthread_mutex_destroy(&dns->lock);
	free(dns);
}

bool dns_new(const char *servers, int timeout_ms, struct dns **dns_r, struct error *err)
{
	struct dns *dns = calloc(1, sizeof(*dns));

	if (!dns)
		return error_set(err, "out of memory");
	dns->timeout_ms = timeout_ms;
	pthread_mutex_init(&dns->lock, NULL);
	if (!dns_open(dns, servers, err)) {
		dns_close(dns);
		return false;
	}
	*dns_r = dns;
	return true;
}

void dns_cancel(struct dns *dns)
{
	pthread_mutex_lock(&dns->lock);
	dns->cancelled = true;
	pthread_mutex_unlock(&dns->lock);
}

void dns_free(struct dns *dns)
{
	static const uint64_t one = 1;
	ssize_t written;

	if (!dns)
		return;
	do
		written = write(dns->stop_fd, &one, sizeof(one));
	while (written < 0 && errno == EINTR);
	pthread_join(dns->dispatcher, NULL);
	dns_close(dns);
}
