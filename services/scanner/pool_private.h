/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool's insides: pool.c has the generations, pool_member.c the single worker. */
#ifndef EASYMAIL_SCANNER_POOL_PRIVATE_H
#define EASYMAIL_SCANNER_POOL_PRIVATE_H

#include "common/spool.h"
#include "services/scanner/generation.h"
#include "services/scanner/pool.h"
#include <sys/queue.h>

enum member_state {
	MEMBER_STARTING,
	MEMBER_CANARY,
	MEMBER_IDLE,
	MEMBER_BUSY, /* with `job` */
};

struct member {
	struct watch watch; /* its socket */
	LIST_ENTRY(member) link;
	struct pool *pool;
	struct generation *generation;
	enum member_state state;
	int pidfd; /* -1 before it was born */
	int32_t pid;
	uint32_t features;
	int64_t deadline_ms; /* while not idle */
	int64_t canary_due_ms;
	unsigned scans;
	bool proven; /* found a canary */
	void *job;
	char job_id[64];
};

LIST_HEAD(member_list, member);

struct pool {
	struct loop *loop;
	const struct scanner_settings *settings;
	struct figures *figures;
	pool_answered answered;
	void *context;
	struct spool *canary;
	struct member_list members;
	struct generation *current; /* NULL: none has been proven */
	struct generation *next;    /* NULL: none is loading or being proven */
	unsigned last_number;
	bool reload_again; /* after the next one, or at retry_ms when that was no good */
	int64_t retry_ms;
	int64_t fork_ms; /* before that no worker is forked, after one failed to start */
};

/* pool_member.c */
bool member_new(struct pool *pool, struct generation *generation, struct error *err)
    __attribute__((nonnull, warn_unused_result));
void member_submit(struct member *member, void *job, const struct scan_request *request, int fd)
    __attribute__((nonnull));
/* Ends it at once. A job it had is answered unknown, for that reason. */
void member_end(struct member *member, const char *why) __attribute__((nonnull));
/* Is its deadline over, or its next canary due? Then it is to act: to be ended, or to scan the canary. */
bool member_is_due(const struct member *member, int64_t now_ms) __attribute__((nonnull));
void member_act(struct member *member) __attribute__((nonnull));

/* pool.c: what a member reports. After each of these the member may be gone. */
void pool_member_proven(struct member *member) __attribute__((nonnull));
void pool_member_idle(struct member *member) __attribute__((nonnull));
void pool_member_lost(struct pool *pool, struct generation *generation, bool was_proven,
		      const char *why) __attribute__((nonnull));

#endif
