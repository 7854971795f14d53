/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a milter and the scanner, and the scanner and its workers, tell each other: a request with the message as a
 * sealed memfd beside it (SCM_RIGHTS), an answer with its facts (message_facts.h) likewise; structs in host order.
 */
#ifndef EASYMAIL_SCAN_PROTOCOL_H
#define EASYMAIL_SCAN_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCAN_PROTOCOL_VERSION 2u

/* Zero is no verdict, so that an answer nobody filled in cannot pass. */
enum scan_verdict {
	SCAN_CLEAN = 1, /* all of it was looked into and nothing was found; flags is 0 */
	SCAN_INFECTED,  /* signature, part and part_name tell what and where */
	SCAN_FLAGGED,   /* nothing was found, but flags is not 0: policy decides on each flag */
	SCAN_UNKNOWN,   /* not all of it could be scanned: `why`; never to be taken for clean */
	SCAN_BUSY,      /* all workers were busy for longer than the queue may wait */
};

#define SCAN_ENCRYPTED_ARCHIVE  0x01u
#define SCAN_ENCRYPTED_DOCUMENT 0x02u
#define SCAN_MACROS             0x04u
#define SCAN_PARTIAL            0x08u /* message/partial: the pieces meet behind our back */
#define SCAN_OVER_LIMIT         0x10u /* with SCAN_UNKNOWN only: a limit of ours is the only reason */
#define SCAN_FLAGS_ALL          0x1fu

#define SCAN_REQUEST_CANARY    0x01u /* the scanner's own canary; a client's flag is ignored */
#define SCAN_REQUEST_FACTS     0x02u /* the message's facts too */
#define SCAN_REQUEST_UNSCANNED 0x04u /* nothing is scanned: SCAN_UNKNOWN, and the facts */

enum scan_facts {
	SCAN_FACTS_UNASKED,
	SCAN_FACTS_GIVEN,
	SCAN_FACTS_MISSING, /* asked for, but there are none: `facts_why` */
};

struct scan_request {
	uint32_t version;
	uint32_t flags;
	uint32_t timeout_ms; /* of the scan itself, for the worker; a client's is ignored */
	char id[64];         /* the queue ID, for log lines */
};

struct scan_answer {
	uint32_t version;
	uint32_t verdict;    /* enum scan_verdict */
	uint32_t flags;      /* SCAN_ENCRYPTED_ARCHIVE … */
	uint32_t part;       /* from 1; 0: seen in the message as a whole only */
	uint32_t parts;      /* decoded parts that were scanned */
	uint32_t generation; /* of the signatures, counted by the scanner since its start */
	uint32_t facts;      /* enum scan_facts */
	uint32_t zero;
	int64_t elapsed_us; /* in the worker */
	char signature[128];
	char part_name[128]; /* the file name that the part gives itself; hostile, made printable */
	char why[192];       /* of SCAN_UNKNOWN and SCAN_BUSY */
	char facts_why[128]; /* of SCAN_FACTS_MISSING */
};

const char *scan_verdict_name(uint32_t verdict); /* "clean" …; "invalid" for none of them */

/* "encrypted_archive,macros" and the like; "" for none. */
void scan_flags_format(uint32_t flags, char *text_r, size_t size) __attribute__((nonnull));

/* No facts, and why not. */
void scan_answer_no_facts(struct scan_answer *answer, const char *why) __attribute__((nonnull));

/* An answer that says unknown or busy and why; without facts. */
void scan_answer_unknown(struct scan_answer *answer_r, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(1, 2)));
void scan_answer_busy(struct scan_answer *answer_r, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(1, 2)));

/*
 * For what came from a process that parses hostile input: texts are ended and made printable; an answer
 * that breaks a rule above (version, verdict, flags that do not fit it) becomes SCAN_UNKNOWN.
 */
void scan_answer_tame(struct scan_answer *answer) __attribute__((nonnull));
void scan_request_tame(struct scan_request *request) __attribute__((nonnull));

/* Sends `length` octets as one packet, with the descriptor unless it is -1. False: errno tells. */
bool scan_send(int socket, const void *data, size_t length, int fd) __attribute__((nonnull));

enum scan_received {
	SCAN_RECEIVED,
	SCAN_RECEIVED_END,    /* the other side closed */
	SCAN_RECEIVED_AGAIN,  /* nothing there yet on a non-blocking socket */
	SCAN_RECEIVED_BROKEN, /* another length than `length`, or an error of the socket */
};

/* One packet of exactly `length` octets. The descriptor that came with it, or -1, is the caller's; with
 * fd_r NULL, and when there are several, they are closed. */
enum scan_received scan_receive(int socket, void *data_r, size_t length, int *fd_r)
    __attribute__((nonnull(2)));

#endif
