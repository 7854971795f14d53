/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All DNS of the project: questions answered out of one shared cache, each within a deadline.
 *
 * Names are labels separated by dots, with or without the final one; every other octet stands for
 * itself, nothing is escaped. Aliases (CNAME) are followed. All functions but dns_new and dns_free
 * may be called from any number of threads at once.
 */
#ifndef EASYMAIL_DNS_H
#define EASYMAIL_DNS_H

#include "common/ip.h"
#include <stddef.h>
#include <stdint.h>

#define DNS_NAME_MAX    253  /* octets of a name without the final dot (RFC 1035 section 2.3.4) */
#define DNS_RECORDS_MAX 1024 /* an answer with more is DNS_BAD_ANSWER */

enum dns_type {
	DNS_A = 1,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
};

enum dns_status {
	DNS_FOUND,
	DNS_NODATA,     /* the name exists, without records of this type */
	DNS_NXDOMAIN,   /* the name does not exist */
	DNS_TIMEOUT,    /* no answer before the deadline */
	DNS_SERVFAIL,   /* the servers could not tell, or refused to */
	DNS_BOGUS,      /* DNSSEC says that the answer is forged */
	DNS_BAD_NAME,   /* not a name that can be asked for: an empty or overlong label, too long */
	DNS_BAD_ANSWER, /* malformed, or beyond our limits */
	DNS_FAILED,     /* out of memory, descriptors or threads here */
};

struct dns_record {
	struct ip ip;        /* A, AAAA */
	unsigned preference; /* MX */
	size_t length;       /* of text */
	const char *text; /* TXT: its strings joined, may hold any octet; MX, PTR: the name, "" for
	                        the root. NUL-terminated */
};

struct dns_answer {
	enum dns_status status;
	int64_t ttl;  /* seconds that the answer may be kept, also "none"; 0 for errors */
	size_t count; /* 0 unless DNS_FOUND */
	struct dns_record *records;
};

/*
 * `servers`: addresses separated by blanks or commas, each with or without `@port`; "" takes those of
 * /etc/resolv.conf. Starts two threads: call after the process has become a daemon.
 */
struct dns;
bool dns_new(const char *servers, int timeout_ms, struct dns **dns_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void dns_free(struct dns *dns); /* when no question is under way; takes NULL */

/* From now on no question waits: what is not answered within DNS_CANCEL_MS has timed out. */
#define DNS_CANCEL_MS 100
void dns_cancel(struct dns *dns) __attribute__((nonnull));

/* Now and `ms` later on the monotonic clock, as deadlines are given. */
int64_t dns_deadline(int ms);

/*
 * Waits at most the module's own timeout, and no longer than `deadline` (0: none). FOUND_NONE is NODATA
 * or NXDOMAIN; FOUND_ERROR all else, with a sentence. The answer is filled in for each of them;
 * the caller clears it.
 */
enum found dns_ask(struct dns *dns, const char *name, enum dns_type type, int64_t deadline,
		   struct dns_answer *answer_r, struct error *err) __attribute__((nonnull));
void dns_answer_clear(struct dns_answer *answer) __attribute__((nonnull));

/* The two halves of dns_ask, to have many questions under way at once. Each question that was
 * started must be finished, which frees it; the module's timeout runs from the start. */
struct dns_question;
struct dns_question *dns_start(struct dns *dns, const char *name, enum dns_type type)
    __attribute__((nonnull));
enum found dns_finish(struct dns_question *question, int64_t deadline, struct dns_answer *answer_r,
		      struct error *err) __attribute__((nonnull));

/* Its answer is there, or its time is over: dns_finish does not wait. */
bool dns_is_due(struct dns_question *question) __attribute__((nonnull));

/* The name under in-addr.arpa or ip6.arpa that the address' PTR records are at. */
#define DNS_REVERSE_SIZE 74
void dns_reverse_name(const struct ip *ip, char name_r[DNS_REVERSE_SIZE]) __attribute__((nonnull));
bool dns_name_is_valid(const char *name) __attribute__((nonnull));
const char *dns_type_name(enum dns_type type);

#endif
