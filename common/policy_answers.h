/* SPDX-License-Identifier: BSD-2-Clause */
/* Answers of policy_of_sender and policy_of_client that still hold because nothing has changed. Thread-safe. Internal to common/. */
#ifndef EASYMAIL_POLICY_ANSWERS_H
#define EASYMAIL_POLICY_ANSWERS_H

#include "common/policy.h"

/* The question, with the state of the database that the answer belongs to. */
struct policy_question {
	const struct ip *client;
	const char *domain; /* NULL: the null sender; "": policy_of_client asks */
	int64_t generation;
	uint64_t epoch; /* which database file */
};

struct policy_kept {
	struct policy_answer sender;
	enum found client;      /* of policy_of_client */
	enum tenant_state best; /* the same */
};

struct policy_answers;
struct policy_answers *policy_answers_new(void); /* aborts when out of memory */
void policy_answers_free(struct policy_answers *answers) __attribute__((nonnull));

/* True: *kept_r is filled in, its policy held for the caller. */
bool policy_answers_get(struct policy_answers *answers, const struct policy_question *question,
			struct policy_kept *kept_r) __attribute__((nonnull));

/* Takes a hold of its own on the policy; a question with a very long domain is not kept. */
void policy_answers_put(struct policy_answers *answers, const struct policy_question *question,
			const struct policy_kept *kept) __attribute__((nonnull));

#endif
