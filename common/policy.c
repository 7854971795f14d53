/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose policy a client and a domain have: from kept answers, else from the tables. */
#include "common/policy.h"
#include "common/policy_answers.h"
#include "common/policy_cache.h"
#include "common/policy_load.h"
#include "common/policy_store.h"
#include "common/relay_hosts.h"

static bool tenant_generation(struct db *db, int64_t tenant_id, int64_t *generation_r,
			      struct error *err)
{
	struct db_query *query = db_query(db, "SELECT generation FROM tenant WHERE id = ?1", err);
	enum found found;

	if (!query)
		return false;
	db_bind_int(query, 1, tenant_id);
	found = db_step(query, err);
	*generation_r = found == FOUND_ONE ? db_int(query, 0) : 0;
	db_reset(query);
	return found != FOUND_ERROR;
}

/* The tenant's policy as of the open transaction, from the cache or the tables. */
static bool get_policy(struct policy_reader *reader, int64_t tenant_id, struct policy **policy_r,
		       struct error *err)
{
	struct policy_key key = {tenant_id, 0, reader->provider, reader->epoch};

	if (!tenant_generation(reader->db, tenant_id, &key.tenant_generation, err))
		return false;
	*policy_r = policy_cache_get(reader->cache, &key);
	if (*policy_r)
		return true;
	if (!policy_load(reader->db, tenant_id, policy_r, err))
		return false;
	(*policy_r)->epoch = reader->epoch;
	policy_cache_put(reader->cache, &key, *policy_r);
	return true;
}

/* The tenant in the first column of a row found by name. */
static enum found owner_by(struct db_query *query, const char *name, int64_t *tenant_r,
			   struct error *err)
{
	enum found found;

	if (!query)
		return FOUND_ERROR;
	db_bind_text(query, 1, name);
	found = db_step(query, err);
	if (found == FOUND_ONE)
		*tenant_r = db_int(query, 0);
	db_reset(query);
	return found;
}

/* Whose the domain is: by itself, else below the nearest that covers its subdomains. */
static enum found domain_owner(struct db *db, const char *domain, int64_t *tenant_r,
			       struct error *err)
{
	enum found found =
	    owner_by(db_query(db, "SELECT tenant_id FROM domain WHERE name = ?1", err), domain,
		     tenant_r, err);
	const char *parent = domain_parent(domain);

	for (; found == FOUND_NONE && parent; parent = domain_parent(parent))
		found = owner_by(db_query(db,
					  "SELECT tenant_id FROM domain"
					  " WHERE name = ?1 AND subdomains = 1",
					  err),
				 parent, tenant_r, err);
	return found;
}

/* Whose policy it is to be, 0 for nobody's, with the facts on client and domain. */
static bool find_tenant(struct policy_reader *reader, const struct ip *client, const char *domain,
			struct policy_answer *answer, int64_t *tenant_r, struct error *err)
{
	int64_t of_client[2] = {0, 0};
	enum found owner = FOUND_NONE, relay = FOUND_NONE;
	size_t count;

	if (!relay_hosts_tenants(reader->db, client, 2, of_client, &count, err))
		return false;
	*tenant_r = 0;
	if (domain)
		owner = domain_owner(reader->db, domain, tenant_r, err);
	if (owner == FOUND_ERROR)
		return false;
	if (count == 1 && *tenant_r != of_client[0]) {
		*tenant_r = of_client[0];
		owner = FOUND_NONE;
	}
	if (*tenant_r != 0 && (*tenant_r == of_client[0] || *tenant_r == of_client[1]))
		relay = FOUND_ONE;
	else if (*tenant_r != 0 && count == 2)
		relay = relay_hosts_of_tenant(reader->db, client, *tenant_r, err);
	answer->client_known = count > 0;
	answer->client_shared = count > 1;
	answer->domain_known = owner == FOUND_ONE;
	answer->is_relay_host = relay == FOUND_ONE;
	if (relay == FOUND_ONE)
		return relay_hosts_stream(reader->db, client, *tenant_r, &answer->stream, err);
	return relay != FOUND_ERROR;
}

/* Fills in the policy last, so that an error leaves nothing to release. */
static bool read_answer(struct policy_reader *reader, const struct policy_question *question,
			struct policy_answer *answer, struct error *err)
{
	int64_t tenant;

	answer->generation = reader->generation;
	return find_tenant(reader, question->client, question->domain, answer, &tenant, err) &&
	       (tenant == 0 || get_policy(reader, tenant, &answer->policy, err));
}

/* Indexing does not raise the generation, so an answer made beside pending rows is not kept. */
static void keep_answer(struct policy_reader *reader, const struct policy_question *question,
			const struct policy_kept *kept)
{
	struct error unkept;

	if (relay_hosts_pending(reader->db, &unkept) == FOUND_NONE)
		policy_answers_put(reader->answers, question, kept);
}

static bool answer_sender(struct policy_reader *reader, const struct ip *client, const char *domain,
			  struct policy_answer *answer, struct error *err)
{
	struct policy_question question = {client, domain, reader->generation, reader->epoch};
	struct policy_kept kept = {0};

	if (!policy_answers_get(reader->answers, &question, &kept)) {
		if (!read_answer(reader, &question, &kept.sender, err))
			return false;
		keep_answer(reader, &question, &kept);
	}
	*answer = kept.sender;
	return true;
}

static void drop_answer(struct policy_answer *answer)
{
	policy_release(answer->policy);
	answer->policy = NULL;
}

bool policy_of_sender(struct policy_store *store, const struct ip *client, const char *domain,
		      struct policy_answer *answer_r, struct error *err)
{
	struct policy_reader *reader = policy_begin(store, err);
	bool done;

	*answer_r = (struct policy_answer){0};
	if (!reader)
		return false;
	if (domain && !*domain)
		done = error_set(err, "domain: is empty; pass none for the null sender");
	else
		done = answer_sender(reader, client, domain, answer_r, err);
	if (policy_end(reader, done, err))
		return true;
	drop_answer(answer_r);
	return false;
}

static bool answer_domain(struct policy_reader *reader, const char *domain,
			  struct policy_answer *answer, struct error *err)
{
	int64_t tenant;
	enum found owner = domain_owner(reader->db, domain, &tenant, err);

	answer->generation = reader->generation;
	answer->domain_known = owner == FOUND_ONE;
	return owner == FOUND_NONE ||
	       (owner == FOUND_ONE && get_policy(reader, tenant, &answer->policy, err));
}

bool policy_of_domain(struct policy_store *store, const char *domain,
		      struct policy_answer *answer_r, struct error *err)
{
	struct policy_reader *reader = policy_begin(store, err);
	bool done;

	*answer_r = (struct policy_answer){0};
	if (!reader)
		return false;
	done = answer_domain(reader, domain, answer_r, err);
	if (policy_end(reader, done, err))
		return true;
	drop_answer(answer_r);
	return false;
}

/* Reads a tenant's state. A relay host of a tenant that is not there counts for nobody. */
static enum found read_state(struct db *db, int64_t tenant_id, enum tenant_state *state_r,
			     struct error *err)
{
	struct db_query *query = db_query(db, "SELECT state FROM tenant WHERE id = ?1", err);
	enum found found;

	if (!query)
		return FOUND_ERROR;
	db_bind_int(query, 1, tenant_id);
	found = db_step(query, err);
	if (found == FOUND_ONE && !tenant_state_parse(db_text(query, 0), state_r)) {
		error_set(err, "tenant %lld: state '%s' is none that there is; set one",
			  (long long)tenant_id, db_text(query, 0));
		found = FOUND_ERROR;
	}
	db_reset(query);
	return found;
}

static bool answer_tenant(struct policy_reader *reader, int64_t tenant_id,
			  struct policy_answer *answer, struct error *err)
{
	enum tenant_state unused;
	enum found found = read_state(reader->db, tenant_id, &unused, err);

	answer->generation = reader->generation;
	return found == FOUND_NONE ||
	       (found == FOUND_ONE && get_policy(reader, tenant_id, &answer->policy, err));
}

bool policy_of_tenant(struct policy_store *store, int64_t tenant_id, struct policy_answer *answer_r,
		      struct error *err)
{
	struct policy_reader *reader = policy_begin(store, err);
	bool done;

	*answer_r = (struct policy_answer){0};
	if (!reader)
		return false;
	done = answer_tenant(reader, tenant_id, answer_r, err);
	if (policy_end(reader, done, err))
		return true;
	drop_answer(answer_r);
	return false;
}

struct ranking {
	struct db *db;
	enum tenant_state best;
	enum found found;
	struct error *err;
};

static int state_rank(enum tenant_state state)
{
	switch (state) {
	case TENANT_ACTIVE:
	case TENANT_CLOSING:
		return 2;
	case TENANT_SUSPENDED:
		return 1;
	case TENANT_PENDING:
	case TENANT_CLOSED:
		return 0;
	}
	return 0;
}

/* Keeps the better state; false once there is none better. */
static bool rank_tenant(int64_t tenant_id, void *context)
{
	struct ranking *ranking = context;
	enum tenant_state state;
	enum found found = read_state(ranking->db, tenant_id, &state, ranking->err);

	if (found == FOUND_NONE)
		return true;
	if (found == FOUND_ERROR) {
		ranking->found = FOUND_ERROR;
		return false;
	}
	if (ranking->found == FOUND_NONE || state_rank(state) > state_rank(ranking->best))
		ranking->best = state;
	ranking->found = FOUND_ONE;
	return state_rank(ranking->best) < 2;
}

/* The best state among the client's tenants; false on error. */
static bool answer_client(struct policy_reader *reader, const struct ip *client,
			  struct policy_kept *kept, struct error *err)
{
	struct policy_question question = {client, "", reader->generation, reader->epoch};
	struct ranking ranking = {reader->db, TENANT_CLOSED, FOUND_NONE, err};

	if (policy_answers_get(reader->answers, &question, kept))
		return true;
	if (!relay_hosts_each(reader->db, client, rank_tenant, &ranking, err) ||
	    ranking.found == FOUND_ERROR)
		return false;
	kept->client = ranking.found;
	kept->best = ranking.best;
	keep_answer(reader, &question, kept);
	return true;
}

enum found policy_of_client(struct policy_store *store, const struct ip *client,
			    enum tenant_state *best_r, int64_t *generation_r, struct error *err)
{
	struct policy_reader *reader = policy_begin(store, err);
	struct policy_kept kept = {0};
	bool done;

	if (!reader)
		return FOUND_ERROR;
	*generation_r = reader->generation;
	done = answer_client(reader, client, &kept, err);
	*best_r = kept.best;
	return policy_end(reader, done, err) ? kept.client : FOUND_ERROR;
}
