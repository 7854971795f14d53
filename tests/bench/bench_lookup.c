/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long policy look-ups take with few and with many tenants, in rounds by turns, each tenant having
 * sent before and nothing having changed since.
 *
 * usage: bench_lookup [--json] [--many N] [--samples N]
 *
 * A line for each of sender and client and each number of tenants: {"name":"lookup",…} is what a message
 * costs, {"name":"lookup_client",…} what the relay-permission map costs. To standard error: how long it
 * took to insert and to index the rows.
 */
#include "common/db.h"
#include "common/policy.h"
#include "common/store.h"
#include "tests/bench/bench.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FEW    10u
#define ROUNDS 100u

struct series {
	double *us;
	size_t count;
};

struct side {
	unsigned tenants;
	char directory[64], path[96];
	struct policy_store *policies;
	struct series sender, client;
};

static struct error error;

static void must(bool done)
{
	if (!done) {
		fprintf(stderr, "bench_lookup: %s\n", error.text);
		exit(1);
	}
}

/* A tenant each with a domain and a relay host 10.x.y.z, by plain SQL in one transaction. */
static void fill(struct side *side)
{
	char sql[1024];
	struct db *db;
	double start = bench_us(CLOCK_MONOTONIC);
	size_t done;

	snprintf(sql, sizeof(sql),
		 "INSERT INTO egress_group (name) VALUES ('main');"
		 "INSERT INTO egress_ip (address, helo_name, egress_group_id) VALUES"
		 " ('127.0.0.1', 'a.example.net', 1), ('127.0.0.2', 'b.example.net', 1);"
		 "INSERT INTO setting (name, value) VALUES ('egress.default_group', 'main');"
		 "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
		 " INSERT INTO tenant (id, name, state) SELECT i, 't' || i, 'active' FROM n;"
		 "INSERT INTO domain (tenant_id, name) SELECT id, name || '.example' FROM tenant;"
		 "INSERT INTO relay_host (tenant_id, network) SELECT id, '10.' || (id >> 16 & 255)"
		 " || '.' || (id >> 8 & 255) || '.' || (id & 255) FROM tenant",
		 side->tenants);
	must(store_open(side->path, STORE_CREATE, 1000, &db, &error));
	must(store_begin(db, &error) && db_exec(db, sql, &error) && store_commit(db, &error));
	fprintf(stderr, "%u tenants: inserted in %.2f s", side->tenants,
		(bench_us(CLOCK_MONOTONIC) - start) / 1e6);
	start = bench_us(CLOCK_MONOTONIC);
	must(store_index_relay_hosts(db, SIZE_MAX, &done, &error));
	fprintf(stderr, ", indexed in %.2f s\n", (bench_us(CLOCK_MONOTONIC) - start) / 1e6);
	store_close(db);
}

static struct ip client_of(unsigned tenant)
{
	char text[IP_TEXT_SIZE];
	struct ip ip;

	snprintf(text, sizeof(text), "10.%u.%u.%u", tenant >> 16 & 255, tenant >> 8 & 255,
		 tenant & 255);
	must(ip_parse(text, &ip, &error));
	return ip;
}

static double time_sender(struct side *side, unsigned tenant)
{
	struct ip client = client_of(tenant);
	struct policy_answer answer;
	char domain[64];
	double start;

	snprintf(domain, sizeof(domain), "t%u.example", tenant);
	start = bench_us(CLOCK_MONOTONIC);
	must(policy_of_sender(side->policies, &client, domain, &answer, &error));
	start = bench_us(CLOCK_MONOTONIC) - start;
	if (!answer.is_relay_host || !answer.policy)
		must(error_set(&error, "%s: not found", domain));
	policy_release(answer.policy);
	return start;
}

static double time_client(struct side *side, unsigned tenant)
{
	struct ip client = client_of(tenant);
	enum tenant_state best;
	int64_t generation;
	double start = bench_us(CLOCK_MONOTONIC);

	if (policy_of_client(side->policies, &client, &best, &generation, &error) != FOUND_ONE)
		must(error_set(&error, "client of tenant %u: not found", tenant));
	return bench_us(CLOCK_MONOTONIC) - start;
}

static void side_start(struct side *side, unsigned tenants, size_t samples)
{
	unsigned tenant;

	side->tenants = tenants;
	snprintf(side->directory, sizeof(side->directory), "/tmp/easymail-bench-XXXXXX");
	must(mkdtemp(side->directory) || error_set(&error, "no temporary directory"));
	snprintf(side->path, sizeof(side->path), "%s/tenants.db", side->directory);
	fill(side);
	must(policy_store_new(side->path, 1, 1000, &side->policies, &error));
	side->sender.us = calloc(samples, sizeof(double));
	side->client.us = calloc(samples, sizeof(double));
	must((side->sender.us && side->client.us) || error_set(&error, "out of memory"));
	for (tenant = 1; tenant <= tenants; tenant++) {
		time_sender(side, tenant);
		time_client(side, tenant);
	}
}

static void side_stop(struct side *side)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char path[128];
	size_t i;

	policy_store_free(side->policies);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", side->path, ends[i]);
		unlink(path);
	}
	rmdir(side->directory);
	free(side->sender.us);
	free(side->client.us);
}

static void take_samples(struct side *side, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		unsigned tenant = 1 + (unsigned)random() % side->tenants;

		side->sender.us[side->sender.count++] = time_sender(side, tenant);
		side->client.us[side->client.count++] = time_client(side, tenant);
	}
}

static int compare_us(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static void print_series(const char *name, const struct side *side, struct series *series,
			 bool json)
{
	double median, p99;

	qsort(series->us, series->count, sizeof(double), compare_us);
	median = series->us[series->count / 2];
	p99 = series->us[series->count * 99 / 100];
	printf(json ? "{\"name\":\"%s\",\"tenants\":%u,\"median_us\":%.2f,\"p99_us\":%.2f}\n"
		    : "%-14s %8u tenants: median %6.2f us, p99 %6.2f us\n",
	       name, side->tenants, median, p99);
}

static size_t number(const char *text)
{
	long value = strtol(text, NULL, 10);

	must((value >= (long)ROUNDS && value <= 1000000) ||
	     error_set(&error, "'%s' is not between %u and 1000000", text, ROUNDS));
	return (size_t)value;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"many", required_argument, NULL, 'm'},
						{"samples", required_argument, NULL, 's'},
						{NULL, 0, NULL, 0}};
	static struct side sides[2];
	size_t samples = 20000, many = 100000, i;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			json = true;
		else if (option == 'm')
			many = number(optarg);
		else if (option == 's')
			samples = number(optarg);
		else
			return 2;
	}
	side_start(&sides[0], FEW, samples);
	side_start(&sides[1], (unsigned)many, samples);
	for (i = 0; i < ROUNDS * 2; i++)
		take_samples(&sides[i % 2], samples / ROUNDS);
	for (i = 0; i < 2; i++) {
		print_series("lookup", &sides[i], &sides[i].sender, json);
		print_series("lookup_client", &sides[i], &sides[i].client, json);
		side_stop(&sides[i]);
	}
	return 0;
}
