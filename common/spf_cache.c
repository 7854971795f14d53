/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of a few entries each, chosen by a hash of the key; the one used longest ago gives way. */
#include "common/spf_cache.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAYS     8u
#define KEY_SIZE (IP_TEXT_SIZE + MAILBOX_SIZE + 2)

struct spf_cache {
	uint64_t clock;
	size_t sets;
	struct spf_entry entries[];
};

struct spf_cache *spf_cache_new(size_t max)
{
	size_t sets = max < WAYS ? 1 : max / WAYS;
	struct spf_cache *cache =
	    calloc(1, sizeof(*cache) + sets * WAYS * sizeof(cache->entries[0]));

	if (cache == NULL)
		abort();
	cache->sets = sets;
	return cache;
}

static void entry_clear(struct spf_entry *entry)
{
	free(entry->key);
	free(entry->record);
	*entry = (struct spf_entry){.key = NULL};
}

void spf_cache_free(struct spf_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->sets * WAYS; i++)
		entry_clear(&cache->entries[i]);
	free(cache);
}

/* FNV-1a. */
static struct spf_entry *set_of(struct spf_cache *cache, const char *key)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * UINT64_C(0x100000001b3);
	return &cache->entries[(hash ^ hash >> 32) % cache->sets * WAYS];
}

static struct spf_entry *entry_of(struct spf_cache *cache, const char *key)
{
	struct spf_entry *set = set_of(cache, key), *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key != NULL && strcmp(set[i].key, key) == 0) {
			set[i].used = ++cache->clock;
			return &set[i];
		}
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	entry_clear(oldest);
	oldest->key = strdup(key);
	if (oldest->key == NULL)
		abort();
	oldest->used = ++cache->clock;
	return oldest;
}

static struct spf_entry *domain_entry(struct spf_cache *cache, const struct mailbox *sender,
				      const char *address)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%s %s", address, sender->domain);
	return entry_of(cache, key);
}

/* A local part may hold blanks: behind two of them it is no domain's key. */
static struct spf_entry *sender_entry(struct spf_cache *cache, const struct mailbox *sender,
				      const char *address)
{
	char key[KEY_SIZE];

	snprintf(key, sizeof(key), "%s  %s@%s", address, sender->local, sender->domain);
	return entry_of(cache, key);
}

struct spf_entry *spf_cache_entry(struct spf_cache *cache, const struct mailbox *sender,
				  const struct ip *address)
{
	char text[IP_TEXT_SIZE];
	struct spf_entry *entry;

	ip_format(address, text);
	entry = domain_entry(cache, sender, text);
	return entry->is_by_sender ? sender_entry(cache, sender, text) : entry;
}

/* An error leaves what was known before, until it is too old. */
static void entry_fill(struct spf_entry *entry, struct spf_outcome *outcome, int64_t now_ms)
{
	int64_t ttl = outcome->ttl < SPF_TTL_MIN ? SPF_TTL_MIN : outcome->ttl;

	entry->is_asked = entry->is_given_up = false;
	if (outcome->result == SPF_TEMPERROR) {
		entry->next_ms = now_ms + INT64_C(1000) * SPF_TTL_ERROR;
		return;
	}
	ttl = ttl > SPF_TTL_MAX ? SPF_TTL_MAX : ttl;
	entry->is_known = true;
	entry->result = outcome->result;
	entry->expires_ms = now_ms + 1000 * ttl;
	entry->next_ms = now_ms + 900 * ttl;
	free(entry->record);
	entry->record = outcome->record;
	outcome->record = NULL;
}

void spf_cache_put(struct spf_cache *cache, const struct mailbox *sender, const struct ip *address,
		   struct spf_outcome *outcome, int64_t now_ms)
{
	char text[IP_TEXT_SIZE];
	struct spf_entry *entry;

	ip_format(address, text);
	entry = domain_entry(cache, sender, text);
	/* DNS failed, perhaps before the macros were seen: what was known of them stands. */
	if (outcome->result != SPF_TEMPERROR || outcome->is_by_sender)
		entry->is_by_sender = outcome->is_by_sender;
	entry->is_asked = entry->is_given_up = false;
	entry_fill(entry->is_by_sender ? sender_entry(cache, sender, text) : entry, outcome,
		   now_ms);
	free(outcome->record);
	outcome->record = NULL;
}

bool spf_entry_is_due(const struct spf_entry *entry, int64_t now_ms)
{
	return !entry->is_asked && now_ms >= entry->next_ms;
}

bool spf_entry_is_fresh(const struct spf_entry *entry, int64_t now_ms)
{
	return entry->is_known && now_ms < entry->expires_ms;
}

enum spf_result spf_entry_last(const struct spf_entry *entry, int64_t now_ms)
{
	bool is_useful =
	    entry->is_known && now_ms < entry->expires_ms + INT64_C(1000) * SPF_STALE_MAX;

	return is_useful ? entry->result : SPF_TEMPERROR;
}

/* Does the record have a macro of one of the letters? `%%` is a percent sign (RFC 7208 section 7.1). */
static bool uses_macro(const char *record, const char *letters)
{
	for (; (record = strchr(record, '%')) != NULL && record[1] != '\0'; record += 2) {
		if (record[1] == '{' && record[2] != '\0' && strchr(letters, record[2]) != NULL)
			return true;
	}
	return false;
}

void spf_outcome_read(const struct spf_answer *answer, struct spf_outcome *outcome_r)
{
	*outcome_r = (struct spf_outcome){
	    .result = answer->result,
	    .ttl = answer->ttl,
	    .is_dns_down = answer->result == SPF_TEMPERROR,
	};
	for (size_t i = 0; i < answer->record_count; i++) {
		const char *record = answer->records[i].text;

		outcome_r->is_by_sender = outcome_r->is_by_sender || uses_macro(record, "lLsS");
		if (uses_macro(record, "hH"))
			outcome_r->result = SPF_TEMPERROR;
	}
	if (outcome_r->result != SPF_FAIL || answer->record_count == 0)
		return;
	outcome_r->record = strdup(answer->records[0].text);
	if (outcome_r->record == NULL)
		abort();
}
