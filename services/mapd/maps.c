/* SPDX-License-Identifier: BSD-2-Clause */
/* The answers of the maps `clients` and `egress`, from the tenants' policy. */
#include "services/mapd/maps.h"
#include "common/clock.h"
#include "common/egress_choice.h"
#include "common/key_file.h"
#include "common/log.h"
#include "common/mailbox.h"
#include "common/return_path.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NULL_SENDER_KEY "<>" /* empty_address_default_transport_maps_lookup_key */

struct maps {
	struct policy_store *store;
	struct spf_preflight *preflight;
	const char *key_file;
	int64_t rest_until_ms;
	struct maps_figures figures;
};

struct maps *maps_new(struct policy_store *store, struct spf_preflight *preflight,
		      const char *key_file)
{
	struct maps *maps = calloc(1, sizeof(*maps));

	if (maps == NULL)
		abort();
	maps->store = store;
	maps->preflight = preflight;
	maps->key_file = key_file;
	return maps;
}

void maps_free(struct maps *maps)
{
	free(maps);
}

const struct maps_figures *maps_figures(const struct maps *maps)
{
	return &maps->figures;
}

static bool database_rests(const struct maps *maps)
{
	return maps->figures.failures > 0 && clock_ms() < maps->rest_until_ms;
}

/* Notes a failure; only the first at a stretch is logged. */
static void database_failed(struct maps *maps, const struct error *err)
{
	if (maps->figures.failures++ == 0)
		log_alarm("database: %s; answering TEMP until it is mended", err->text);
	snprintf(maps->figures.error, sizeof(maps->figures.error), "%s", err->text);
	maps->rest_until_ms = clock_ms() + MAPS_REST_MS;
}

static void database_answered(struct maps *maps)
{
	if (maps->figures.failures > 0)
		log_info("database: answers again after %" PRIu64 " failures",
			 maps->figures.failures);
	maps->figures.failures = 0;
	maps->figures.error[0] = '\0';
}

/* The reply when the database did not answer. The reason is in the log, not in SMTP replies. */
static void reply_unknown(struct socketmap_reply *reply)
{
	socketmap_reply_set(reply, FOUND_ERROR, "the policy database does not answer");
}

static void reply_none(struct socketmap_reply *reply)
{
	socketmap_reply_set(reply, FOUND_NONE, "%s", "");
}

static void reply_state(enum tenant_state state, struct socketmap_reply *reply)
{
	switch (state) {
	case TENANT_ACTIVE:
	case TENANT_CLOSING:
		socketmap_reply_set(reply, FOUND_ONE, "OK");
		return;
	case TENANT_SUSPENDED:
		socketmap_reply_set(reply, FOUND_ONE,
				    "451 4.7.1 This customer is suspended; mail is not taken now");
		return;
	case TENANT_PENDING:
	case TENANT_CLOSED:
		reply_none(reply);
		return;
	}
	reply_unknown(reply);
}

void maps_clients(struct maps *maps, const char *key, struct socketmap_reply *reply)
{
	enum tenant_state state;
	int64_t generation;
	struct error err;
	struct ip client;

	maps->figures.lookups++;
	if (!ip_parse(key, &client, &err)) {
		reply_none(reply);
		return;
	}
	reply_unknown(reply);
	if (database_rests(maps))
		return;
	switch (policy_of_client(maps->store, &client, &state, &generation, &err)) {
	case FOUND_ERROR:
		database_failed(maps, &err);
		return;
	case FOUND_NONE:
		reply_none(reply);
		break;
	case FOUND_ONE:
		reply_state(state, reply);
		break;
	}
	database_answered(maps);
}

/* The transport of the group's IP, or with NULL the reason why the mail waits. */
static void reply_transport(const struct egress_ip *chosen, const char *group,
			    struct socketmap_reply *reply)
{
	char name[EGRESS_TRANSPORT_SIZE];

	if (chosen == NULL) {
		socketmap_reply_set(reply, FOUND_ONE,
				    "retry:4.7.1 no egress address of group %s is in service",
				    group);
		return;
	}
	egress_transport_name(&chosen->address, name);
	socketmap_reply_set(reply, FOUND_ONE, "%s:", name); /* next hop: the recipient's MX */
}

/* Mail that is no tenant's leaves through the provider's own group, or waits. */
static void reply_default(struct maps *maps, const char *sender, struct socketmap_reply *reply)
{
	struct egress_set *set;
	char group[NAME_SIZE];
	struct error err;

	switch (policy_default_egress(maps->store, group, &set, &err)) {
	case FOUND_ERROR:
		database_failed(maps, &err);
		return;
	case FOUND_NONE:
		socketmap_reply_set(reply, FOUND_ONE,
				    "retry:4.3.5 no egress group for senders of no tenant: "
				    "egress.default_group is not set");
		break;
	case FOUND_ONE:
		reply_transport(egress_select(set, sender), group, reply);
		egress_set_free(set);
		break;
	}
	database_answered(maps);
}

/*
 * Of the tenant's IPs for mail of that way one that the sender's SPF allows, as far as that is known now. Only
 * tenants' domains and our own are asked for: strangers reach this map too and must not make us ask the world.
 */
static void reply_tenant(struct maps *maps, const struct policy *policy, enum egress_way by,
			 const struct mailbox *sender, struct socketmap_reply *reply)
{
	const struct policy_way *way = &policy->ways[by];
	struct spf_preflight *preflight = way->egress->count > 1 ? maps->preflight : NULL;
	struct egress_choice choice;

	if (way->group[0] == '\0') {
		socketmap_reply_set(reply, FOUND_ONE, "retry:4.3.5 tenant %s has no egress group%s",
				    policy->tenant, by == WAY_BULK ? " for bulk mail" : "");
		return;
	}
	egress_choose(preflight, way->egress, sender, 0, &choice);
	reply_transport(choice.ip, way->group, reply);
}

/* The sender's tenant's egress; without a tenant the provider's, but for what might be bulk mail of ours. */
static void reply_sender(struct maps *maps, const struct mailbox *sender, bool is_forged,
			 struct socketmap_reply *reply)
{
	struct policy_answer answer;
	struct error err;

	if (!policy_of_domain(maps->store, sender->domain, &answer, &err)) {
		database_failed(maps, &err);
		return;
	}
	if (answer.policy == NULL && is_forged)
		socketmap_reply_set(
		    reply, FOUND_ONE,
		    "retry:4.7.1 the sender is a return path that another key made");
	else if (answer.policy == NULL)
		reply_default(maps, sender->address, reply);
	if (answer.policy == NULL)
		return;
	reply_tenant(maps, answer.policy,
		     policy_domain_is_bulk(answer.policy, sender->domain) ? WAY_BULK
									  : WAY_CORPORATE,
		     sender, reply);
	policy_release(answer.policy);
	database_answered(maps);
}

/* Whose return path it is. FOUND_NONE: not one of ours. */
static enum found read_return_path(const struct maps *maps, const char *local,
				   struct return_path *path_r, struct error *err)
{
	enum return_path_answer answer;
	struct key_file file;
	enum found found = key_file_load(maps->key_file, &file, err);

	if (found == FOUND_NONE)
		error_set(err, "key file %s: is not there", maps->key_file);
	if (found != FOUND_ONE)
		return FOUND_ERROR;
	/* Mail that is as old as its return path's bounces count has still to leave by its own way. */
	answer = return_path_read(local, file.key, 0, 0, path_r);
	key_file_wipe(&file);
	return answer == RETURN_PATH_FORGED ? FOUND_NONE : FOUND_ONE;
}

/* Bulk mail, by the tenant that its return path names. */
static void reply_bulk(struct maps *maps, uint32_t tenant_id, const struct mailbox *sender,
		       struct socketmap_reply *reply)
{
	struct policy_answer answer;
	struct error err;

	if (!policy_of_tenant(maps->store, tenant_id, &answer, &err)) {
		database_failed(maps, &err);
		return;
	}
	if (answer.policy == NULL)
		socketmap_reply_set(reply, FOUND_ONE,
				    "retry:4.3.5 its tenant is not there any more");
	else
		reply_tenant(maps, answer.policy, WAY_BULK, sender, reply);
	policy_release(answer.policy);
	database_answered(maps);
}

/* A sender that has the form of a return path. What is not ours may still be a tenant's address by chance. */
static void reply_return_path(struct maps *maps, const struct mailbox *sender,
			      struct socketmap_reply *reply)
{
	struct return_path path;
	struct error err;

	switch (read_return_path(maps, sender->local, &path, &err)) {
	case FOUND_ERROR:
		log_error("return path: %s", err.text);
		socketmap_reply_set(reply, FOUND_ONE,
				    "retry:4.3.5 the return path cannot be verified");
		return;
	case FOUND_NONE:
		reply_sender(maps, sender, true, reply);
		return;
	case FOUND_ONE:
		reply_bulk(maps, path.tenant_id, sender, reply);
		return;
	}
}

static void to_lower(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
	}
}

void maps_egress(struct maps *maps, const char *key, struct socketmap_reply *reply)
{
	/* Postfix asks in external form first, where the null sender's key is a quoted local part. */
	bool is_null = strcmp(key, NULL_SENDER_KEY) == 0 || strcmp(key, "\"<>\"") == 0;
	struct mailbox sender;
	struct error err;

	maps->figures.lookups++;
	reply_unknown(reply);
	if (!is_null && (!mailbox_parse(key, &sender, &err) || sender.is_null)) {
		/* Held rather than sent: whose it is cannot be told, and so not whose address it may use. */
		socketmap_reply_set(reply, FOUND_ONE,
				    "retry:4.1.7 the sender address cannot be read");
		return;
	}
	if (database_rests(maps))
		return;
	if (is_null) {
		reply_default(maps, NULL_SENDER_KEY, reply);
		return;
	}
	to_lower(sender.address);
	if (return_path_looks_like_one(sender.local))
		reply_return_path(maps, &sender, reply);
	else
		reply_sender(maps, &sender, false, reply);
}

bool maps_generation(struct maps *maps, int64_t *generation_r)
{
	struct error err;

	if (database_rests(maps))
		return false;
	if (!policy_generation(maps->store, generation_r, &err)) {
		database_failed(maps, &err);
		return false;
	}
	database_answered(maps);
	return true;
}
