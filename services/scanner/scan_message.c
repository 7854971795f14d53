/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts, the rest, and the answer. */
#include "services/scanner/scan_message.h"
#include "common/clock.h"
#include "services/scanner/file_type.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#define TEMP_FILES_NEEDED 256
#define MAX_LEFT_OUT      64

/* Begins a mail for libclamav, which takes what begins with other fields for plain text. */
static const char mail_start[] =
    "Received: from easymail by easymail; Thu, 1 Jan 1970 00:00:00 +0000\r\n";

struct scan {
	const struct scan_tools *tools;
	const struct scan_request *request;
	struct scan_answer *answer;
	struct facts_maker *maker; /* NULL: no facts are asked for */
	int64_t deadline_ms;
	bool failed;  /* answer->why tells the first reason */
	bool stopped; /* the engine need not look at more */
	size_t left_out_count;
	struct {
		const char *data;
		size_t length;
	} left_out[MAX_LEFT_OUT]; /* in the order they stand in the message */
};

static void fail(struct scan *scan, const char *why)
{
	if (!scan->failed)
		snprintf(scan->answer->why, sizeof(scan->answer->why), "%s", why);
	scan->failed = true;
}

/* Is the place for temporary files there, with room for blocks and for names? */
static void check_temp(struct scan *scan)
{
	struct statvfs space;

	if (statvfs(scan->tools->temp_directory, &space) != 0)
		fail(scan, "the directory for temporary files is not there");
	else if ((uint64_t)space.f_bavail * space.f_frsize < scan->tools->temp_bytes_needed)
		fail(scan, "no space for temporary files");
	else if (space.f_files > 0 && space.f_favail < TEMP_FILES_NEEDED)
		fail(scan, "no inodes for temporary files");
}

/* Enters a finding into the answer; false when nothing more need be looked at. */
static bool take_finding(struct scan *scan, const struct engine_finding *finding,
			 const struct mime_part *part)
{
	struct scan_answer *answer = scan->answer;

	answer->flags |= finding->flags;
	if (finding->failure[0] != '\0')
		fail(scan, finding->failure);
	if (finding->signature[0] == '\0')
		return true;
	snprintf(answer->signature, sizeof(answer->signature), "%s", finding->signature);
	answer->part = part != NULL ? part->number : 0;
	if (part != NULL)
		snprintf(answer->part_name, sizeof(answer->part_name), "%s", part->name);
	return false;
}

static void scan_bytes(struct scan *scan, const char *data, size_t length,
		       enum engine_reading reading, struct engine_finding *finding_r)
{
	engine_scan(scan->tools->engine, data, length, reading, scan->deadline_ms - clock_ms(),
		    finding_r);
	if (file_is_encrypted_office(data, length))
		finding_r->flags |= SCAN_ENCRYPTED_DOCUMENT;
}

/* The part was scanned decoded; its base64 need not be scanned too. Parts come in the message's order. */
static void leave_out(struct scan *scan, const struct mime_part *part)
{
	size_t count = scan->left_out_count;

	if (part->encoded == NULL || count == MAX_LEFT_OUT)
		return;
	if (count > 0 &&
	    part->encoded < scan->left_out[count - 1].data + scan->left_out[count - 1].length)
		return;
	scan->left_out[count].data = part->encoded;
	scan->left_out[count].length = part->encoded_length;
	scan->left_out_count++;
}

/* One reading of one part, from the cache when the same octets were scanned before; `key` NULL: not that. */
static bool scan_part(struct scan *scan, const struct mime_part *part,
		      const struct verdict_key *key)
{
	struct verdict_cache *cache = scan->tools->cache;
	struct engine_finding finding = {.signature = ""};
	const char *known;

	if (key != NULL && verdict_cache_get(cache, key, &known)) {
		snprintf(finding.signature, sizeof(finding.signature), "%s", known);
		return take_finding(scan, &finding, part);
	}
	scan_bytes(scan, part->data, part->length, ENGINE_AS_FILE, &finding);
	if (key != NULL && finding.flags == 0 && finding.failure[0] == '\0')
		verdict_cache_put(cache, key, finding.signature);
	return take_finding(scan, &finding, part);
}

/* Scanned, unless an earlier part was infected or nothing can be; and its facts. */
static bool on_part(void *context, const struct mime_part *part)
{
	struct scan *scan = context;
	bool keyed = !(scan->request->flags & SCAN_REQUEST_CANARY);
	bool going_on = false;
	struct verdict_key key;

	leave_out(scan, part);
	if (keyed || scan->maker != NULL)
		verdict_key_of(part->data, part->length, &key);
	if (scan->maker != NULL)
		facts_maker_part(scan->maker, part, key.hash);
	if (!scan->stopped && part->length > 0)
		going_on = scan_part(scan, part, keyed ? &key : NULL);
	else
		going_on = !scan->stopped;
	scan->stopped = !going_on;
	return going_on || scan->maker != NULL;
}

static void on_entity(void *context, const struct mime_entity *entity)
{
	const struct scan *scan = context;

	facts_maker_entity(scan->maker, entity);
}

static void on_malformed(void *context, unsigned entity, uint64_t malformed)
{
	const struct scan *scan = context;

	facts_maker_malformed(scan->maker, entity, malformed);
}

/* Each part shown to the engine and to the maker of facts; without one, none the wiser about entities. */
static void walk(struct scan *scan, const char *data, size_t size, struct mime_summary *summary_r)
{
	struct mime_visitor visitor = {.context = scan, .part = on_part};

	if (scan->maker != NULL) {
		visitor.entity = on_entity;
		visitor.malformed = on_malformed;
	}
	mime_walk(data, size, &scan->tools->limits, &visitor, summary_r);
	if (scan->maker != NULL)
		facts_maker_end(scan->maker, summary_r);
}

static void judge_walk(struct scan *scan, const struct mime_summary *summary)
{
	scan->answer->parts = summary->parts;
	if (summary->partial)
		scan->answer->flags |= SCAN_PARTIAL;
	switch (summary->end) {
	case MIME_ALL:
	case MIME_STOPPED:
		break;
	case MIME_PARTS:
	case MIME_DEPTH:
	case MIME_BYTES:
		scan->answer->flags |= SCAN_OVER_LIMIT;
		break;
	case MIME_NO_MEMORY:
		fail(scan, "out of memory");
		break;
	}
}

/* Copies the message without what is left out; returns the length. */
static size_t copy_rest(const struct scan *scan, const char *data, size_t size, char *copy)
{
	const char *from = data;
	size_t used = 0;

	for (size_t i = 0; i < scan->left_out_count; i++) {
		size_t plain = (size_t)(scan->left_out[i].data - from);

		memcpy(copy + used, from, plain);
		used += plain;
		from = scan->left_out[i].data + scan->left_out[i].length;
	}
	memcpy(copy + used, from, size - (size_t)(from - data));
	return used + size - (size_t)(from - data);
}

/* The message, made to begin like a mail: without the base64 as a text, or all of it as a mail. */
static void scan_rest(struct scan *scan, const char *data, size_t size, bool doubtful)
{
	size_t start = sizeof(mail_start) - 1;
	struct engine_finding finding;
	char *copy = malloc(start + size);

	if (copy == NULL) {
		fail(scan, "out of memory");
		return;
	}
	if (doubtful)
		scan->left_out_count = 0;
	memcpy(copy, mail_start, start);
	scan_bytes(scan, copy, start + copy_rest(scan, data, size, copy + start),
		   doubtful ? ENGINE_AS_FILE : ENGINE_AS_TEXT, &finding);
	(void)take_finding(scan, &finding, NULL);
	free(copy);
}

/* Infected whatever else happened; then what hindered the scan; then limits; then flags. */
static void judge(struct scan *scan)
{
	struct scan_answer *answer = scan->answer;

	if (answer->signature[0] != '\0') {
		answer->verdict = SCAN_INFECTED;
		answer->flags &= ~SCAN_OVER_LIMIT;
		answer->why[0] = '\0';
	} else if (scan->failed) {
		answer->verdict = SCAN_UNKNOWN;
		answer->flags &= ~SCAN_OVER_LIMIT;
	} else if (answer->flags & SCAN_OVER_LIMIT) {
		answer->verdict = SCAN_UNKNOWN;
		snprintf(answer->why, sizeof(answer->why), "a limit was exceeded");
	} else {
		answer->verdict = answer->flags != 0 ? SCAN_FLAGGED : SCAN_CLEAN;
	}
}

void scan_message(const struct scan_tools *tools, const struct scan_request *request,
		  const char *data, size_t size, struct facts_maker *maker,
		  struct scan_answer *answer_r)
{
	struct scan scan = {.tools = tools, .request = request, .answer = answer_r, .maker = maker};
	int64_t start_us = clock_us();
	struct mime_summary summary = {.end = MIME_ALL};
	bool has_temp;

	memset(answer_r, 0, sizeof(*answer_r));
	answer_r->version = SCAN_PROTOCOL_VERSION;
	scan.deadline_ms = start_us / 1000 + request->timeout_ms;
	if (request->flags & SCAN_REQUEST_UNSCANNED)
		fail(&scan, "no verdict was asked for");
	else
		check_temp(&scan);
	has_temp = !scan.failed;
	scan.stopped = scan.failed;
	if (has_temp || maker != NULL)
		walk(&scan, data, size, &summary);
	if (has_temp) {
		judge_walk(&scan, &summary);
		if (answer_r->signature[0] == '\0')
			scan_rest(&scan, data, size, summary.doubtful);
		check_temp(&scan);
	}
	judge(&scan);
	answer_r->elapsed_us = clock_us() - start_us;
}
