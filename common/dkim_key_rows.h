/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of table dkim_key. Inside the caller's transaction, like tenants.h; domains are given in any
 * spelling. No function here hands out a private part.
 */
#ifndef EASYMAIL_DKIM_KEY_ROWS_H
#define EASYMAIL_DKIM_KEY_ROWS_H

#include "common/dkim_keys.h"

#define DKIM_PUBLIC_SIZE      1024 /* base64 of RSA-4096 takes 736 */
#define DKIM_RECORD_SIZE      (DKIM_PUBLIC_SIZE + 32)
#define DKIM_RECORD_NAME_SIZE (DKIM_SELECTOR_SIZE + DOMAIN_SIZE + 12)

enum dkim_key_state {
	DKIM_KEY_PENDING,  /* its record is to be published */
	DKIM_KEY_ACTIVE,   /* signs */
	DKIM_KEY_RETIRING, /* signs no more; its record stays for mail under way */
	DKIM_KEY_RETIRED,  /* its record may go; its private part is gone */
};

struct dkim_key_row {
	int64_t id;
	char tenant[NAME_SIZE];
	char domain[DOMAIN_SIZE];
	char selector[DKIM_SELECTOR_SIZE];
	enum crypto_algorithm algorithm;
	int bits;
	enum dkim_key_state state;
	char public_key[DKIM_PUBLIC_SIZE]; /* p= of the record */
	char created[TIME_SIZE], state_since[TIME_SIZE];
	int64_t state_age_s; /* seconds since state_since */
};

const char *dkim_key_state_name(enum dkim_key_state state);
bool dkim_key_state_parse(const char *text, enum dkim_key_state *state_r) __attribute__((nonnull));
/* Forward one step at a time, or from retiring back to active. */
bool dkim_key_state_may_become(enum dkim_key_state from, enum dkim_key_state to);

const char *dkim_algorithm_name(enum crypto_algorithm algorithm); /* "rsa", "ed25519" */
bool dkim_selector_check(const char *selector, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* Adds a pending key. Refuses a selector that is taken, and a second pending key of its algorithm. */
bool dkim_key_rows_add(struct db *db, const struct dkim_sealed_key *sealed,
		       const struct crypto_key *key, struct error *err)
    __attribute__((nonnull, warn_unused_result));

enum found dkim_key_rows_find(struct db *db, const char *domain, const char *selector,
			      struct dkim_key_row *row_r, struct error *err)
    __attribute__((nonnull));
/* The same, with absence being an error that names the mend. */
bool dkim_key_rows_get(struct db *db, const char *domain, const char *selector,
		       struct dkim_key_row *row_r, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* The domain's key of that algorithm and state: there is at most one pending and one active. */
enum found dkim_key_rows_in_state(struct db *db, const char *domain,
				  enum crypto_algorithm algorithm, enum dkim_key_state state,
				  struct dkim_key_row *row_r, struct error *err)
    __attribute__((nonnull));

/* By domain and age; those of one domain, or with `domain` NULL all. */
bool dkim_key_rows_list(struct db *db, const char *domain,
			void (*each)(const struct dkim_key_row *row, void *context), void *context,
			struct error *err) __attribute__((nonnull(1, 3, 5), warn_unused_result));

/* How many private parts that key file opens, and how many it does not. */
struct dkim_key_counts {
	int64_t opening, others;
};
bool dkim_key_rows_count(struct db *db, const char *key_file_id, struct dkim_key_counts *counts_r,
			 struct error *err) __attribute__((nonnull, warn_unused_result));

/* A key that becomes active makes the former one of its algorithm retiring; one that is retired loses
 * its private part. */
bool dkim_key_rows_set_state(struct db *db, const struct dkim_key_row *row,
			     enum dkim_key_state state, struct error *err)
    __attribute__((nonnull, warn_unused_result));
/* Only a pending or a retired one: mail signed with the others is under way. */
bool dkim_key_rows_delete(struct db *db, const struct dkim_key_row *row, struct error *err)
    __attribute__((nonnull, warn_unused_result));

/* What is to be published: the TXT record's name, without final dot, and its text. */
void dkim_key_record_name(const struct dkim_key_row *row, char name_r[DKIM_RECORD_NAME_SIZE])
    __attribute__((nonnull));
void dkim_key_record(const struct dkim_key_row *row, char record_r[DKIM_RECORD_SIZE])
    __attribute__((nonnull));

#endif
