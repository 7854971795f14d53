/* SPDX-License-Identifier: BSD-2-Clause */
/* libclamav held to the truth: no failed write, no limit and no late end passes for clean. */
#include "common/scan_protocol.h"
#include "services/scanner/engine.h"
#include "services/scanner/scan_message.h"
#include "services/scanner/verdict_cache.h"
#include "tests/unit/unit.h"
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCAN_BYTES 1000000

/* Finds the word "malefactor". */
static const char signature[] = "Malefactor:0:*:6d616c65666163746f72\n";

/* HTML makes libclamav write normalized copies of it. */
static const char html[] = "<html><head><script>var a = 1;</script></head><body><p>innocent</p>"
			   "<a href=\"http://a.example/\">x</a></body></html>";

static char directory[] = "/tmp/easymail-test-engine-XXXXXX";
static char path[128];

static const char *path_of(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_ge(fputs(text, file), 0);
	ck_assert_int_eq(fclose(file), 0);
}

/* A mount namespace whose /tmp is a tmpfs with these options; the directory is in it. */
static void enter_tmpfs(const char *options)
{
	int flags = geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER;

	ck_assert_int_eq(unshare(flags), 0);
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_int_eq(mount("test", "/tmp", "tmpfs", 0, options), 0);
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static struct engine *load(void)
{
	struct engine_limits limits = {SCAN_BYTES, 100, 5};
	struct engine *engine;
	struct error err;

	ck_assert_int_eq(mkdir(path_of("db"), 0700), 0);
	write_text("db/test.ndb", signature);
	ck_assert_msg(engine_load(path_of("db"), &limits, &engine, &err), "%s", err.text);
	ck_assert_int_eq(mkdir(path_of("temp"), 0700), 0);
	ck_assert(engine_use_temp(engine, path_of("temp"), &err));
	return engine;
}

static struct engine_finding scan(struct engine *engine, const char *text)
{
	struct engine_finding finding;

	engine_scan(engine, text, strlen(text), ENGINE_AS_FILE, 5000, &finding);
	return finding;
}

START_TEST(finds_and_finds_nothing)
{
	struct engine *engine;

	enter_tmpfs("size=4m");
	engine = load();
	ck_assert_uint_eq(engine_signatures(engine), 1);
	ck_assert_str_eq(scan(engine, "a malefactor!").signature, "Malefactor.UNOFFICIAL");
	ck_assert_str_eq(scan(engine, html).signature, "");
	ck_assert_str_eq(scan(engine, html).failure, "");
	ck_assert_uint_eq(scan(engine, html).flags, 0);
	engine_free(engine);
}
END_TEST

START_TEST(a_full_directory_is_a_failure_even_when_libclamav_says_nothing)
{
	struct engine *engine;
	char block[4096] = {0};
	int fd;

	enter_tmpfs("size=1m");
	engine = load();
	fd = open(path_of("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		;
	close(fd);
	ck_assert_str_ne(scan(engine, html).failure, "");
	ck_assert_int_eq(unlink(path_of("filler")), 0);
	ck_assert_str_eq(scan(engine, html).failure, "");
	engine_free(engine);
}
END_TEST

START_TEST(no_inodes_are_a_failure)
{
	struct engine *engine;
	int fd = 0;

	enter_tmpfs("size=1m,nr_inodes=20");
	engine = load();
	for (char name[] = "a"; fd >= 0; name[0]++) {
		fd = open(path_of(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd >= 0)
			close(fd);
	}
	ck_assert_str_ne(scan(engine, html).failure, "");
	engine_free(engine);
}
END_TEST

START_TEST(a_missing_directory_is_a_failure)
{
	struct engine *engine;

	enter_tmpfs("size=1m");
	engine = load();
	ck_assert_int_eq(rmdir(path_of("temp")), 0);
	ck_assert_str_ne(scan(engine, html).failure, "");
	engine_free(engine);
}
END_TEST

START_TEST(no_time_left_is_a_failure)
{
	struct engine_finding finding;
	struct engine *engine;

	enter_tmpfs("size=1m");
	engine = load();
	engine_scan(engine, html, strlen(html), ENGINE_AS_FILE, 0, &finding);
	ck_assert_str_ne(finding.failure, "");
	engine_free(engine);
}
END_TEST

START_TEST(too_many_octets_are_over_the_limit)
{
	static char large[SCAN_BYTES + 100];
	struct engine *engine;

	enter_tmpfs("size=4m");
	engine = load();
	memset(large, 'x', sizeof(large) - 1);
	ck_assert_uint_eq(scan(engine, large).flags, SCAN_OVER_LIMIT);
	engine_free(engine);
}
END_TEST

START_TEST(notices_files_that_come_change_and_go)
{
	struct timespec past[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
	struct engine *engine;

	enter_tmpfs("size=1m");
	engine = load();
	ck_assert(!engine_is_outdated(engine));
	write_text("db/more.ndb", signature);
	ck_assert(engine_is_outdated(engine));
	ck_assert(!engine_is_outdated(engine));
	ck_assert_int_eq(utimensat(AT_FDCWD, path_of("db/more.ndb"), past, 0), 0);
	ck_assert(engine_is_outdated(engine));
	ck_assert_int_eq(unlink(path_of("db/more.ndb")), 0);
	ck_assert(engine_is_outdated(engine));
	ck_assert(!engine_is_outdated(engine));
	engine_free(engine);
}
END_TEST

static struct scan_answer scan_mail(struct engine *engine, struct verdict_cache *cache,
				    const char *text)
{
	struct scan_request request = {.version = SCAN_PROTOCOL_VERSION, .timeout_ms = 5000};
	struct scan_tools tools = {engine, cache, path_of("temp"), 100000, {100, 10, SCAN_BYTES}};
	struct scan_answer answer;

	scan_message(&tools, &request, text, strlen(text), NULL, &answer);
	return answer;
}

START_TEST(answers_from_the_cache_only_what_was_scanned_in_full)
{
	struct verdict_cache *cache = verdict_cache_new();
	struct engine *engine;
	char mail[512];

	enter_tmpfs("size=4m");
	engine = load();
	snprintf(mail, sizeof(mail), "Subject: x\r\n\r\n%s", html);
	ck_assert_int_eq(rename(path_of("temp"), "/tmp/away"), 0);
	ck_assert_uint_eq(scan_mail(engine, cache, mail).verdict, SCAN_UNKNOWN);
	ck_assert_int_eq(rename("/tmp/away", path_of("temp")), 0);
	ck_assert_uint_eq(scan_mail(engine, cache, mail).verdict, SCAN_CLEAN);
	ck_assert_uint_eq(scan_mail(engine, cache, mail).verdict, SCAN_CLEAN);
	ck_assert_uint_eq(scan_mail(engine, cache, "\r\nmalefactor").verdict, SCAN_INFECTED);
	ck_assert_uint_eq(scan_mail(engine, cache, "\r\nmalefactor").verdict, SCAN_INFECTED);
	verdict_cache_free(cache);
	engine_free(engine);
}
END_TEST

START_TEST(finds_what_only_the_whole_message_shows)
{
	struct verdict_cache *cache = verdict_cache_new();
	struct engine *engine;

	enter_tmpfs("size=4m");
	engine = load();
	ck_assert_uint_eq(scan_mail(engine, cache, "Subject: malefactor\r\n\r\nx").verdict,
			  SCAN_INFECTED);
	verdict_cache_free(cache);
	engine_free(engine);
}
END_TEST

START_TEST(cache_keeps_the_latest)
{
	struct verdict_cache *cache = verdict_cache_new();
	struct verdict_key key;
	const char *known;
	unsigned kept = 0;

	for (int i = 0; i < 5000; i++) {
		verdict_key_of(&i, sizeof(i), &key);
		ck_assert(!verdict_cache_get(cache, &key, &known));
		verdict_cache_put(cache, &key, i % 2 ? "odd" : "");
		ck_assert(verdict_cache_get(cache, &key, &known));
		ck_assert_str_eq(known, i % 2 ? "odd" : "");
	}
	for (int i = 0; i < 5000; i++) {
		verdict_key_of(&i, sizeof(i), &key);
		kept += verdict_cache_get(cache, &key, &known);
	}
	ck_assert_uint_gt(kept, 500);
	ck_assert_uint_le(kept, 1024);
	verdict_cache_free(cache);
}
END_TEST

UNIT_MAIN("scanner_engine", finds_and_finds_nothing,
	  a_full_directory_is_a_failure_even_when_libclamav_says_nothing, no_inodes_are_a_failure,
	  a_missing_directory_is_a_failure, no_time_left_is_a_failure,
	  too_many_octets_are_over_the_limit, notices_files_that_come_change_and_go,
	  answers_from_the_cache_only_what_was_scanned_in_full,
	  finds_what_only_the_whole_message_shows, cache_keeps_the_latest)
