/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a message whose facts are gathered: what a worker makes of them, a milter takes. */
#include "common/clock.h"
#include "services/scanner/facts_maker.h"
#include "tests/fuzz/fuzz.h"
#include <locale.h>

#define TIME_MS 20000

struct state {
	struct facts_maker *maker;
};

static bool on_part(void *context, const struct mime_part *part)
{
	const struct state *state = context;
	unsigned char hash[FACTS_HASH_BYTES] = {0};

	facts_maker_part(state->maker, part, hash);
	return true;
}

static void on_entity(void *context, const struct mime_entity *entity)
{
	const struct state *state = context;

	facts_maker_entity(state->maker, entity);
}

static void on_malformed(void *context, unsigned entity, uint64_t malformed)
{
	const struct state *state = context;

	facts_maker_malformed(state->maker, entity, malformed);
}

static struct file_types *load(void)
{
	static struct file_types *types;
	struct error err;

	if (types == NULL) {
		(void)setlocale(LC_CTYPE, "C.UTF-8");
		MUST(file_types_load(&types, &err));
	}
	return types;
}

static void check_spool(struct facts_maker *maker, size_t size)
{
	struct message_facts *facts;
	struct spool *spool;
	struct error err = {.text = ""};

	if (!facts_maker_take(maker, &spool, &err))
		return;
	if (!message_facts_open(spool_fd(spool), size, &facts, &err))
		fprintf(stderr, "%s\n", err.text);
	MUST(err.text[0] == '\0');
	message_facts_free(facts);
	spool_free(spool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mime_limits limits = {
	    .parts = 200, .depth = 20, .decoded_bytes = 1000000};
	struct mime_summary summary;
	struct state state;
	struct mime_visitor visitor = {&state, on_part, on_entity, on_malformed};
	char *copy = malloc(size > 0 ? size : 1); /* a sanitizer sees a read past the end */

	MUST(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	state.maker = facts_maker_new(load(), copy, size, clock_ms() + TIME_MS);
	MUST(state.maker != NULL);
	mime_walk(copy, size, &limits, &visitor, &summary);
	facts_maker_end(state.maker, &summary);
	check_spool(state.maker, size);
	facts_maker_free(state.maker);
	free(copy);
	return 0;
}
