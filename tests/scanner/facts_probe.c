/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks a scanner for a message's facts, as a milter does, and prints them as one line of JSON.
 *
 * usage: facts_probe SOCKET [unscanned] <MESSAGE
 */
#include "common/json.h"
#include "common/scan_client.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_MS 60000
#define LIMIT      ((size_t)64 << 20)

static struct spool *read_message(void)
{
	static char piece[65536];
	struct spool *spool;
	struct error err;
	ssize_t got;

	if (!spool_new(LIMIT, &spool, &err))
		exit(2);
	while ((got = read(STDIN_FILENO, piece, sizeof(piece))) > 0) {
		if (!spool_append(spool, piece, (size_t)got, &err))
			exit(2);
	}
	if (!spool_seal(spool, &err))
		exit(2);
	return spool;
}

static struct json *malformed_of(uint64_t malformed)
{
	struct json *names = json_new_array();
	const char *name;
	uint64_t bit;

	for (size_t i = 0; (name = malformed_name(i, &bit)) != NULL; i++) {
		if (malformed & bit)
			json_append_text(names, name);
	}
	return names;
}

static struct json *place_of(const struct facts_part *part)
{
	struct json *place = json_new_object();

	json_put_number(place, "header_at", (int64_t)part->header_at);
	json_put_number(place, "header_length", (int64_t)part->header_length);
	json_put_number(place, "body_at", (int64_t)part->body_at);
	json_put_number(place, "body_length", (int64_t)part->body_length);
	return place;
}

static const char *kind_of(enum facts_kind kind)
{
	static const char *const names[] = {"", "leaf", "multipart", "message", "uuencoded"};

	return names[kind];
}

static void put_hash(struct json *json, const unsigned char hash[FACTS_HASH_BYTES])
{
	char text[2 * FACTS_HASH_BYTES + 1];

	for (size_t i = 0; i < FACTS_HASH_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	json_put_text(json, "hash", text);
}

static struct json *json_of_part(const struct facts_part *part)
{
	struct json *json = json_new_object();
	struct json *names = json_new_array();

	json_put_number(json, "number", part->number);
	json_put_number(json, "parent", part->parent);
	json_put_number(json, "same_as", part->same_as);
	json_put_number(json, "depth", part->depth);
	json_put_text(json, "kind", kind_of(part->kind));
	json_put_bool(json, "declared", part->declared);
	json_put_bool(json, "attachment", part->attachment);
	json_put_bool(json, "encrypted", part->encrypted);
	json_put_bool(json, "text_cut", part->text_cut);
	json_put(json, "place", part->located ? place_of(part) : json_new_array());
	json_put_number(json, "size", (int64_t)part->size);
	put_hash(json, part->hash);
	json_put_text(json, "detected", part->detected);
	json_put_text(json, "type", part->type);
	json_put_text(json, "charset", part->charset);
	json_put_text(json, "encoding", part->encoding);
	json_put_text(json, "disposition", part->disposition);
	json_put_text(json, "text", part->text);
	for (size_t i = 0; i < part->name_count; i++)
		json_append_text(names, part->names[i]);
	json_put(json, "names", names);
	json_put(json, "malformed", malformed_of(part->malformed));
	return json;
}

static struct json *json_of_member(const struct facts_member *member)
{
	struct json *json = json_new_object();

	json_put_number(json, "part", member->part);
	json_put_number(json, "parent", member->parent);
	json_put_number(json, "depth", member->depth);
	json_put_bool(json, "encrypted", member->encrypted);
	json_put_number(json, "size", member->sized ? (int64_t)member->size : -1);
	json_put_text(json, "name", member->name);
	json_put_text(json, "detected", member->detected);
	json_put(json, "malformed", malformed_of(member->malformed));
	return json;
}

static struct json *json_of_pair(const char *first, const char *first_text, const char *second,
				 const char *second_text)
{
	struct json *json = json_new_object();

	json_put_text(json, first, first_text);
	json_put_text(json, second, second_text);
	return json;
}

static void put_facts(struct json *json, const struct message_facts *facts)
{
	struct json *parts = json_new_array(), *headers = json_new_array();
	struct json *members = json_new_array(), *urls = json_new_array();

	for (size_t i = 0; i < facts->part_count; i++)
		json_append(parts, json_of_part(&facts->parts[i]));
	for (size_t i = 0; i < facts->header_count; i++)
		json_append(headers, json_of_pair("name", facts->headers[i].name, "value",
						  facts->headers[i].value));
	for (size_t i = 0; i < facts->member_count; i++)
		json_append(members, json_of_member(&facts->members[i]));
	for (size_t i = 0; i < facts->url_count; i++)
		json_append(urls,
			    json_of_pair("text", facts->urls[i].text, "host", facts->urls[i].host));
	json_put(json, "parts", parts);
	json_put(json, "headers", headers);
	json_put(json, "members", members);
	json_put(json, "urls", urls);
	json_put(json, "malformed", malformed_of(facts->malformed));
}

int main(int argc, char **argv)
{
	struct json *json = json_new_object();
	struct message_facts *facts;
	struct scan_request request = {.id = "probe"};
	struct scan_answer answer;
	struct spool *spool;
	char *line;

	if (argc == 3 && strcmp(argv[2], "unscanned") == 0)
		request.flags = SCAN_REQUEST_UNSCANNED;
	else if (argc != 2)
		return 2;
	spool = read_message();
	scan_client_ask(argv[1], spool, &request, TIMEOUT_MS, &answer, &facts);
	json_put_text(json, "verdict", scan_verdict_name(answer.verdict));
	json_put_text(json, "why", answer.why);
	json_put_text(json, "facts_why", answer.facts_why);
	json_put_number(json, "elapsed_us", answer.elapsed_us);
	if (facts != NULL)
		put_facts(json, facts);
	line = json_write(json);
	puts(line);
	free(line);
	json_drop(json);
	message_facts_free(facts);
	spool_free(spool);
	return 0;
}
