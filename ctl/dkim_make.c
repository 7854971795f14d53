/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl dkim create and rotate: key pairs made outside any transaction, since RSA takes seconds. */
#include "common/domains.h"
#include "ctl/dkim_change.h"
#include "ctl/dkim_output.h"
#include "ctl/nouns.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BITS_DEFAULT 2048

struct wish {
	enum crypto_algorithm algorithm;
	int bits;
	struct dkim_sealed_key sealed;
	struct crypto_key *key;
};

struct making {
	bool replaces;     /* the active keys are to be replaced, else there may be none */
	const char *asked; /* the domain as it was given */
	char domain[DOMAIN_SIZE];
	size_t count;
	struct wish wishes[DKIM_KEYS_ACTIVE_MAX];
	struct json *records; /* of what was made */
};

static bool parse_bits(const char *text, int *bits_r, struct error *err)
{
	char *end;
	long bits;

	errno = 0;
	bits = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end || bits < 2048 || bits > 4096)
		return error_set(err, "--bits: '%.40s' is no number from 2048 to 4096", text);
	*bits_r = (int)bits;
	return true;
}

static void add_wish(struct making *making, enum crypto_algorithm algorithm, int bits)
{
	making->wishes[making->count].algorithm = algorithm;
	making->wishes[making->count++].bits = bits;
}

/* What --algorithm and --bits ask for; bits 0 is not said. */
static bool read_options(const struct ctl *ctl, struct making *making, struct error *err)
{
	const char *algorithm = ctl_option(ctl, "--algorithm"), *bits = ctl_option(ctl, "--bits");
	bool both = algorithm && strcmp(algorithm, "both") == 0;
	bool rsa = both || (algorithm && strcmp(algorithm, "rsa") == 0);
	bool ed25519 = both || (algorithm && strcmp(algorithm, "ed25519") == 0);
	int size = 0;

	if (algorithm && !rsa && !ed25519)
		return error_set(err, "--algorithm: '%.40s' is none of rsa, ed25519, both",
				 algorithm);
	if (bits && ed25519 && !rsa)
		return error_set(err, "--bits: Ed25519 keys have one size; leave it out");
	if (bits && !parse_bits(bits, &size, err))
		return false;
	if (rsa || (!algorithm && !making->replaces))
		add_wish(making, CRYPTO_RSA, size);
	if (ed25519)
		add_wish(making, CRYPTO_ED25519, 0);
	return true;
}

static bool find_domain(struct db *db, const char *domain, char name_r[DOMAIN_SIZE],
			struct error *err)
{
	struct domain_row row;

	switch (domains_find(db, domain, &row, err)) {
	case FOUND_ERROR:
		return false;
	case FOUND_NONE:
		return error_set(
		    err,
		    "domain: %.260s is not there; `easymailctl domain find` says whether "
		    "one above covers it, whose key then signs for it",
		    domain);
	case FOUND_ONE:
		break;
	}
	memcpy(name_r, row.name, DOMAIN_SIZE);
	return true;
}

/* A rotation without --algorithm is of all active keys. */
static bool wish_like_active(const struct ctl *ctl, struct db *db, struct making *making,
			     struct error *err)
{
	static const enum crypto_algorithm algorithms[] = {CRYPTO_RSA, CRYPTO_ED25519};
	const char *bits = ctl_option(ctl, "--bits");
	struct dkim_key_row active;
	int size = 0;

	if (bits && !parse_bits(bits, &size, err))
		return false;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		enum found found = dkim_key_rows_in_state(db, making->domain, algorithms[i],
							  DKIM_KEY_ACTIVE, &active, err);

		if (found == FOUND_ERROR)
			return false;
		if (found == FOUND_ONE)
			add_wish(making, algorithms[i], size);
	}
	return making->count > 0 ||
	       error_set(err,
			 "domain: %s has no active DKIM key to replace; make its first with "
			 "`easymailctl dkim create %s`",
			 making->domain, making->domain);
}

/* Is there an active key exactly when one is to be replaced? A new key is as long as that one. */
static bool check_active(struct db *db, const struct making *making, struct wish *wish,
			 struct error *err)
{
	struct dkim_key_row active;
	enum found found = dkim_key_rows_in_state(db, making->domain, wish->algorithm,
						  DKIM_KEY_ACTIVE, &active, err);

	if (found == FOUND_ERROR)
		return false;
	if (found == FOUND_ONE && !making->replaces)
		return error_set(
		    err,
		    "domain: %s has the active %s key %s; `easymailctl dkim rotate %s` "
		    "makes the next",
		    making->domain, dkim_algorithm_name(wish->algorithm), active.selector,
		    making->domain);
	if (found == FOUND_NONE && making->replaces)
		return error_set(err,
				 "domain: %s has no active %s key to replace; make one with "
				 "`easymailctl dkim create`",
				 making->domain, dkim_algorithm_name(wish->algorithm));
	if (wish->bits == 0)
		wish->bits = found == FOUND_ONE ? active.bits : BITS_DEFAULT;
	return true;
}

/* em20260131-rsa, em20260131b-rsa, …: the first that the domain does not have. */
static bool next_selector(struct db *db, struct wish *wish, struct error *err)
{
	time_t now = time(NULL);
	struct dkim_key_row row;
	struct tm utc;
	char day[16];

	strftime(day, sizeof(day), "%Y%m%d", gmtime_r(&now, &utc));
	for (const char *letter = "abcdefghijklmnopqrstuvwxyz"; *letter; letter++) {
		char suffix[2] = {*letter == 'a' ? '\0' : *letter, '\0'};

		snprintf(wish->sealed.selector, sizeof(wish->sealed.selector), "em%s%s-%s", day,
			 suffix, dkim_algorithm_name(wish->algorithm));
		switch (
		    dkim_key_rows_find(db, wish->sealed.domain, wish->sealed.selector, &row, err)) {
		case FOUND_ERROR:
			return false;
		case FOUND_NONE:
			return true;
		case FOUND_ONE:
			break;
		}
	}
	return error_set(err, "selector: all names of today are taken; give one with --selector");
}

/* The selector that was given; one for each algorithm when there are two. */
static bool given_selector(const char *given, const struct making *making, struct wish *wish,
			   struct error *err)
{
	char selector[DKIM_SELECTOR_SIZE * 2];

	snprintf(selector, sizeof(selector), "%.80s%s%s", given, making->count > 1 ? "-" : "",
		 making->count > 1 ? dkim_algorithm_name(wish->algorithm) : "");
	if (!dkim_selector_check(selector, err))
		return false;
	memcpy(wish->sealed.selector, selector, strlen(selector) + 1);
	return true;
}

static bool plan(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *selector = ctl_option(ctl, "--selector");
	struct making *making = ctl->context;

	if (!find_domain(db, making->asked, making->domain, err) ||
	    (making->count == 0 && !wish_like_active(ctl, db, making, err)))
		return false;
	for (size_t i = 0; i < making->count; i++) {
		struct wish *wish = &making->wishes[i];

		memcpy(wish->sealed.domain, making->domain, DOMAIN_SIZE);
		if (!check_active(db, making, wish, err) ||
		    !(selector ? given_selector(selector, making, wish, err)
			       : next_selector(db, wish, err)))
			return false;
	}
	return true;
}

/* The key file, made when it is not there yet. */
static bool load_key_file(const struct ctl *ctl, struct key_file *file_r, struct error *err)
{
	const char *path = config_text(ctl->config, "dkim.key_file");
	enum found found = key_file_load(path, file_r, err);

	if (found != FOUND_NONE)
		return found == FOUND_ONE;
	return key_file_create(path, config_text(ctl->config, "dkim.key_file_group"), err) &&
	       (key_file_load(path, file_r, err) == FOUND_ONE ||
		error_prefix(err, "key file %s: ", path));
}

static bool make_keys(const struct ctl *ctl, struct making *making, struct error *err)
{
	struct key_file file;
	bool done = true;

	if (!load_key_file(ctl, &file, err))
		return false;
	for (size_t i = 0; done && i < making->count; i++) {
		struct wish *wish = &making->wishes[i];

		done = crypto_key_generate(wish->algorithm, wish->bits, &wish->key, err) &&
		       dkim_keys_seal(wish->key, &file, &wish->sealed, err);
	}
	key_file_wipe(&file);
	return done;
}

static bool store(struct ctl *ctl, struct db *db, struct error *err)
{
	struct making *making = ctl->context;

	for (size_t i = 0; i < making->count; i++) {
		const struct dkim_sealed_key *sealed = &making->wishes[i].sealed;
		struct dkim_key_row row;

		if (!dkim_key_rows_add(db, sealed, making->wishes[i].key, err) ||
		    !dkim_key_rows_get(db, sealed->domain, sealed->selector, &row, err))
			return false;
		json_append(making->records, dkim_record_json(&row));
	}
	return true;
}

static bool make(struct ctl *ctl, struct making *making, struct error *err)
{
	bool done;

	ctl->context = making;
	done =
	    ctl_read(ctl, plan, err) && make_keys(ctl, making, err) && ctl_change(ctl, store, err);
	for (size_t i = 0; i < making->count; i++)
		crypto_key_free(making->wishes[i].key);
	return done;
}

/* Makes the keys and prints the records. */
static bool make_and_print(struct ctl *ctl, bool replaces, struct error *err)
{
	struct making making = {
	    .replaces = replaces, .asked = ctl_argument(ctl, 0), .records = json_new_array()};

	if (!read_options(ctl, &making, err) || !make(ctl, &making, err)) {
		json_drop(making.records);
		return false;
	}
	dkim_print_records(ctl, making.records);
	if (!ctl->json)
		printf("; publish %s, then run `easymailctl dkim activate %s`\n",
		       making.count == 1 ? "it" : "them", making.domain);
	return true;
}

bool ctl_dkim_create(struct ctl *ctl, struct error *err)
{
	return make_and_print(ctl, false, err);
}

bool ctl_dkim_rotate(struct ctl *ctl, struct error *err)
{
	return make_and_print(ctl, true, err);
}

bool dkim_change_make_next(struct ctl *ctl, const struct dkim_key_row *active, struct json *records,
			   struct error *err)
{
	struct making making = {.replaces = true, .asked = active->domain, .records = records};

	add_wish(&making, active->algorithm, active->bits);
	return make(ctl, &making, err);
}
