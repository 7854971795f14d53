/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a signature costs in the sign filter, and that memory stays flat: the same 4 KB message passes the filter
 * again and again, in a chain of its own, with a tenants.db and keys of its own.
 *
 * usage: bench_sign [--json] [--count N] [--hide] rsa|ed25519
 *
 * Exits 1 when the resident set has grown by more than 1 MB after the first 1500 messages.
 */
#include "common/db.h"
#include "common/dkim_key_rows.h"
#include "common/log.h"
#include "common/store.h"
#include "milters/chain/conversation.h"
#include "milters/sign/sign_filter.h"
#include "tests/bench/bench.h"
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define GROWTH_MAX_KB 1024
#define WARM_UP       1500 /* the chain keeps its latest 1024 decisions */

struct bench {
	bool json, hides;
	long count;
	enum crypto_algorithm algorithm;
	char directory[64], database[96], key_file[96], text[512];
	struct config *config;
	struct policy_store *policies;
	struct chain *chain;
	long signatures; /* that the filter has made */
};

static struct error error;
static FILE *complaints; /* standard error is the log's, which goes nowhere */

static void must(bool done)
{
	if (done)
		return;
	fprintf(complaints, "bench_sign: %s\n", error.text);
	exit(1);
}

static long resident_kb(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages;

	must((file != NULL && fscanf(file, "%*s %ld", &pages) == 1) ||
	     error_set(&error, "/proc/self/statm: cannot be read"));
	fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void add_key(struct bench *bench, struct db *db)
{
	struct dkim_sealed_key sealed = {.domain = "acme.example", .selector = "s"};
	struct key_file file;
	struct crypto_key *key;

	must(key_file_create(bench->key_file, "root", &error));
	must(key_file_load(bench->key_file, &file, &error) == FOUND_ONE);
	must(crypto_key_generate(bench->algorithm, 2048, &key, &error));
	must(dkim_keys_seal(key, &file, &sealed, &error));
	must(dkim_key_rows_add(db, &sealed, key, &error));
	crypto_key_free(key);
}

static void make_database(struct bench *bench)
{
	size_t done;
	struct db *db;

	must(store_open(bench->database, STORE_CREATE, 1000, &db, &error));
	must(store_begin(db, &error));
	must(db_exec(db,
		     "INSERT INTO tenant (id, name, state) VALUES (1, 'acme', 'active');"
		     "INSERT INTO domain (tenant_id, name) VALUES (1, 'acme.example');"
		     "INSERT INTO relay_host (tenant_id, network) VALUES (1, '127.0.0.1')",
		     &error));
	add_key(bench, db);
	must(db_exec(db, "UPDATE dkim_key SET state = 'active'", &error));
	if (!bench->hides)
		must(db_exec(db, "INSERT INTO setting (name, value) VALUES ('hide.server', 'off')",
			     &error));
	must(store_commit(db, &error));
	must(store_index_relay_hosts(db, SIZE_MAX, &done, &error));
	store_close(db);
}

static void start(struct bench *bench)
{
	static const struct filter *const filters[] = {&sign_filter};
	struct chain_limits limits = {10, 10, 1000, 1 << 20, 0};
	struct filter_context context;

	snprintf(bench->directory, sizeof(bench->directory), "/tmp/easymail-bench-XXXXXX");
	must(mkdtemp(bench->directory) != NULL || error_set(&error, "no temporary directory"));
	snprintf(bench->database, sizeof(bench->database), "%s/tenants.db", bench->directory);
	snprintf(bench->key_file, sizeof(bench->key_file), "%s/key", bench->directory);
	make_database(bench);
	snprintf(bench->text, sizeof(bench->text),
		 "database = %s\ndkim.key_file = %s\ndns.servers = 127.0.0.1@1\nhostname = "
		 "relay.example\n",
		 bench->database, bench->key_file);
	must(config_parse("bench", bench->text, strlen(bench->text), &bench->config, &error));
	must(policy_store_new(bench->database, 1, 1000, &bench->policies, &error));
	context = (struct filter_context){.config = bench->config, .policies = bench->policies};
	must(chain_new(filters, 1, &context, &limits, &bench->chain, &error));
}

static void stop(struct bench *bench)
{
	static const char *const names[] = {"tenants.db", "tenants.db-wal", "tenants.db-shm",
					    "key"};

	chain_free(bench->chain);
	policy_store_free(bench->policies);
	config_free(bench->config);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/%s", bench->directory, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(bench->directory);
}

/* Takes the place of libmilter. */
static bool count_signatures(void *context, const struct changes *changes)
{
	struct bench *bench = context;

	for (size_t i = 0; i < changes->edit_count; i++)
		bench->signatures += strcmp(changes->edits[i].name, "DKIM-Signature") == 0;
	return true;
}

static void send_one(struct bench *bench, struct conversation *conversation, const char *body)
{
	static const char *const headers[][2] = {
	    {"Received", " from exch01.corp.local ([10.1.2.3]) by mx.acme.example; now"},
	    {"From", " \"A. Sender\" <a@acme.example>"},
	    {"To", " b@dest.example"},
	    {"Subject", " figures of the last quarter"},
	    {"Date", " Mon, 1 Jun 2026 12:00:00 +0000"},
	    {"Message-ID", " <1@acme.example>"},
	    {"MIME-Version", " 1.0"},
	    {"Content-Type", " text/plain; charset=utf-8"},
	    {"X-Mailer", " a mail program"},
	};

	must(conversation_mail(conversation, "<a@acme.example>", "4X1") == VERDICT_CONTINUE ||
	     error_set(&error, "refused: %s", conversation_reply(conversation)->text));
	(void)conversation_rcpt(conversation, "<b@dest.example>");
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++)
		conversation_header(conversation, headers[i][0], headers[i][1]);
	must(conversation_eoh(conversation, "4X1") == VERDICT_CONTINUE ||
	     error_set(&error, "refused: %s", conversation_reply(conversation)->text));
	conversation_body(conversation, body, strlen(body));
	must(conversation_eom(conversation, "4X1", count_signatures, bench) == VERDICT_CONTINUE ||
	     error_set(&error, "refused: %s", conversation_reply(conversation)->text));
}

static struct conversation *connect_client(struct bench *bench)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct conversation *conversation = conversation_new(bench->chain);

	conversation_connect(conversation, "unknown", (const struct sockaddr *)&address);
	conversation_helo(conversation, "mx.acme.example");
	return conversation;
}

/* 4 KB in lines of 64 octets. */
static char *make_body(void)
{
	char *body = malloc(4097);

	must(body != NULL || error_set(&error, "out of memory"));
	for (size_t i = 0; i < 4096; i++)
		body[i] = i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : (char)('a' + i * 7 % 26);
	body[4096] = '\0';
	return body;
}

static bool run(struct bench *bench)
{
	const char *name = bench->algorithm == CRYPTO_RSA ? "rsa" : "ed25519";
	struct conversation *conversation = connect_client(bench);
	char *body = make_body();
	long before = 0, after;
	double began;

	for (long i = 0; i < WARM_UP; i++)
		send_one(bench, conversation, body);
	before = resident_kb();
	began = bench_us(CLOCK_PROCESS_CPUTIME_ID);
	for (long i = 0; i < bench->count; i++)
		send_one(bench, conversation, body);
	began = bench_us(CLOCK_PROCESS_CPUTIME_ID) - began;
	after = resident_kb();
	conversation_free(conversation);
	free(body);
	must(bench->signatures == bench->count + WARM_UP ||
	     error_set(&error, "%ld signatures only", bench->signatures));
	printf(bench->json ? "{\"name\":\"sign_%s\",\"messages\":%ld,\"us\":%.1f,\"before_kb\":%ld,"
			     "\"after_kb\":%ld}\n"
			   : "%s: %ld messages, %.1f us CPU each, %ld KB before, %ld KB after\n",
	       name, bench->count, began / (double)bench->count, before, after);
	return after - before <= GROWTH_MAX_KB;
}

static bool parse(int argc, char **argv, struct bench *bench)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"count", required_argument, NULL, 'c'},
						{"hide", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	int option;

	bench->count = 10000;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			bench->json = true;
		else if (option == 'h')
			bench->hides = true;
		else if (option == 'c')
			bench->count = strtol(optarg, NULL, 10);
		else
			return false;
	}
	if (optind + 1 != argc || bench->count < 1)
		return false;
	bench->algorithm = strcmp(argv[optind], "rsa") == 0 ? CRYPTO_RSA : CRYPTO_ED25519;
	return bench->algorithm == CRYPTO_RSA || strcmp(argv[optind], "ed25519") == 0;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	bool is_flat;

	if (!parse(argc, argv, &bench)) {
		fprintf(stderr, "usage: bench_sign [--json] [--count N] [--hide] rsa|ed25519\n");
		return 2;
	}
	complaints = fdopen(dup(STDERR_FILENO), "w");
	if (complaints == NULL || freopen("/dev/null", "w", stderr) == NULL)
		return 1;
	log_open("bench_sign", LOG_TARGET_STDERR);
	start(&bench);
	is_flat = run(&bench);
	stop(&bench);
	fclose(complaints);
	return is_flat ? 0 : 1;
}
