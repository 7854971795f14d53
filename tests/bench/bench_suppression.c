/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the suppression list costs at RCPT: processor time of a look-up as the tenant filter asks it, for addresses that
 * are on it and for such that are not, with one million of them.
 *
 * usage: bench_suppression [--json] [--many N] [--samples N]
 */
#include "common/suppression_store.h"
#include "tests/bench/bench.h"
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TENANTS 100

static struct error error;

static void must(bool done)
{
	if (!done) {
		fprintf(stderr, "bench_suppression: %s\n", error.text);
		exit(1);
	}
}

static struct config *make_config(const char *directory)
{
	struct config *config;
	char text[512];

	snprintf(text, sizeof(text),
		 "suppression = %s/list.db\nsuppression.key_file = %s/key\n"
		 "suppression.key_file_group = root\n",
		 directory, directory);
	must(config_parse("bench", text, strlen(text), &config, &error));
	return config;
}

/* The address of that number, and whose list it is on. */
static int64_t address_of(unsigned number, struct mailbox *address_r)
{
	char text[64];

	snprintf(text, sizeof(text), "customer%u@d%u.example", number, number % 5000);
	must(mailbox_parse(text, address_r, &error));
	return 1 + number % TENANTS;
}

static void fill(const struct config *config, unsigned many)
{
	struct suppressions *list;
	struct mailbox address;

	must(suppressions_open(config, STORE_CREATE, &list, &error));
	must(suppressions_begin(list, &error));
	for (unsigned i = 0; i < many; i++) {
		struct suppression_row row = {.tenant_id = address_of(i, &address),
					      .reason = SUPPRESSION_HARD,
					      .note = "550 5.1.1 User unknown"};

		must(suppressions_add(list, &address, &row, NULL, &error));
	}
	must(suppressions_commit(list, &error));
	suppressions_close(list);
}

/* Microseconds for one look-up; those from `first` on are on the list or, beyond its end, are not. */
static double measure(struct suppression_store *store, unsigned first, unsigned samples,
		      unsigned many, enum found expected)
{
	enum suppression_reason reason;
	struct mailbox address;
	double spent = 0;

	for (unsigned i = 0; i < samples; i++) {
		unsigned number = first + (unsigned)((uint64_t)i * 2654435761u % many);
		int64_t tenant_id = address_of(number, &address);
		double start = bench_us(CLOCK_PROCESS_CPUTIME_ID);
		enum found found =
		    suppression_store_find(store, tenant_id, &address, &reason, &error);

		spent += bench_us(CLOCK_PROCESS_CPUTIME_ID) - start;
		must(found != FOUND_ERROR);
		if (found != expected)
			abort();
	}
	return spent / samples;
}

static void report(const char *name, double us, unsigned many, bool json)
{
	printf(json ? "{\"name\": \"%s\", \"mean_us\": %.2f, \"addresses\": %u}\n"
		    : "%s: %.2f us with %u addresses\n",
	       name, us, many);
}

static void run(unsigned many, unsigned samples, bool json)
{
	char directory[] = "/tmp/bench-suppression-XXXXXX", command[64];
	struct suppression_store *store;
	struct config *config;

	if (mkdtemp(directory) == NULL)
		abort();
	config = make_config(directory);
	fill(config, many);
	store = suppression_store_new(config, 8);
	(void)measure(store, 0, samples / 10 + 1, many, FOUND_ONE); /* the file is in memory */
	report("suppressed", measure(store, 0, samples, many, FOUND_ONE), many, json);
	report("suppression", measure(store, many, samples, many, FOUND_NONE), many, json);
	suppression_store_free(store);
	config_free(config);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	if (system(command) != 0)
		fprintf(stderr, "bench_suppression: %s is left\n", directory);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"many", required_argument, NULL, 'm'},
						{"samples", required_argument, NULL, 's'},
						{NULL, 0, NULL, 0}};
	unsigned many = 1000000, samples = 100000;
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			json = true;
		else if (option == 'm')
			many = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 's')
			samples = (unsigned)strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	run(many > 0 ? many : 1, samples > 0 ? samples : 1, json);
	return 0;
}
