/* SPDX-License-Identifier: BSD-2-Clause */
/* The suppression database: what counts as one address, what is kept of it, and how it goes away. */
#include "common/suppression_store.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unit.h"
#include <pthread.h>
#include <sys/stat.h>

static struct config *config;
static struct suppressions *list;

static void path_of(const char *name, char path_r[160])
{
	snprintf(path_r, 160, "%s/%s", fixture_directory, name);
}

/* A list of this name with a key of its own. */
static struct suppressions *make_list(const char *name, struct config **config_r)
{
	struct suppressions *made;
	char text[1024];

	snprintf(text, sizeof(text),
		 "suppression = %s/%s.db\nsuppression.key_file = %s/%s.key\n"
		 "suppression.key_file_group = nogroup\ndatabase.busy_timeout = 200ms\n",
		 fixture_directory, name, fixture_directory, name);
	ck_ok(config_parse("test", text, strlen(text), config_r, &fixture_error));
	ck_ok(suppressions_open(*config_r, STORE_CREATE, &made, &fixture_error));
	return made;
}

static void start(void)
{
	fixture_make_directory();
	list = make_list("list", &config);
}

static void stop(void)
{
	suppressions_close(list);
	config_free(config);
	fixture_stop();
}

static struct mailbox address(const char *text)
{
	struct mailbox mailbox;

	ck_ok(mailbox_parse(text, &mailbox, &fixture_error));
	return mailbox;
}

static bool add(int64_t tenant_id, const char *text, enum suppression_reason reason)
{
	struct suppression_row row = {
	    .tenant_id = tenant_id, .reason = reason, .note = "550 no such user"};
	struct mailbox mailbox = address(text);
	bool is_new;

	ck_ok(suppressions_begin(list, &fixture_error));
	ck_ok(suppressions_add(list, &mailbox, &row, &is_new, &fixture_error));
	ck_ok(suppressions_commit(list, &fixture_error));
	return is_new;
}

static enum found find(int64_t tenant_id, const char *text, enum suppression_reason *reason_r)
{
	struct mailbox mailbox = address(text);
	enum found found;

	ck_ok(suppressions_begin(list, &fixture_error));
	found = suppressions_find(list, tenant_id, &mailbox, reason_r, &fixture_error);
	ck_ok(suppressions_commit(list, &fixture_error));
	return found;
}

static bool is_suppressed(int64_t tenant_id, const char *text)
{
	enum suppression_reason reason;

	return find(tenant_id, text, &reason) == FOUND_ONE;
}

START_TEST(an_address_is_known_in_all_its_spellings)
{
	start();
	ck_assert(add(1, "Jane.Doe@Example.NET", SUPPRESSION_HARD));
	ck_assert(is_suppressed(1, "jane.doe@example.net"));
	ck_assert(is_suppressed(1, "<JANE.DOE@EXAMPLE.net.>"));
	ck_assert(is_suppressed(1, "\"jane.doe\"@example.net"));
	ck_assert(!is_suppressed(1, "jane.do@example.net"));
	ck_assert(!is_suppressed(1, "jane.doe@mail.example.net"));
	ck_assert(add(1, "x@bücher.example", SUPPRESSION_HARD));
	ck_assert(is_suppressed(1, "x@xn--bcher-kva.example"));
	stop();
}
END_TEST

START_TEST(a_plus_address_is_one_of_its_own)
{
	start();
	add(1, "jane+news@example.net", SUPPRESSION_HARD);
	ck_assert(is_suppressed(1, "jane+news@example.net"));
	ck_assert(!is_suppressed(1, "jane@example.net"));
	ck_assert(!is_suppressed(1, "jane+orders@example.net"));
	stop();
}
END_TEST

START_TEST(a_list_is_one_tenants)
{
	start();
	add(1, "jane@example.net", SUPPRESSION_HARD);
	ck_assert(!is_suppressed(2, "jane@example.net"));
	ck_assert(add(2, "jane@example.net", SUPPRESSION_HARD));
	stop();
}
END_TEST

START_TEST(a_stronger_reason_replaces_a_weaker_one_and_never_the_other_way)
{
	enum suppression_reason reason;

	start();
	ck_assert(add(1, "jane@example.net", SUPPRESSION_SOFT));
	ck_assert(!add(1, "jane@example.net", SUPPRESSION_COMPLAINT));
	ck_assert_int_eq(find(1, "jane@example.net", &reason), FOUND_ONE);
	ck_assert_int_eq(reason, SUPPRESSION_COMPLAINT);
	add(1, "jane@example.net", SUPPRESSION_HARD);
	find(1, "jane@example.net", &reason);
	ck_assert_int_eq(reason, SUPPRESSION_COMPLAINT);
	stop();
}
END_TEST

START_TEST(what_was_removed_is_found_no_more)
{
	struct mailbox jane;

	start();
	jane = address("jane@example.net");
	add(1, "jane@example.net", SUPPRESSION_HARD);
	add(2, "jane@example.net", SUPPRESSION_HARD);
	ck_ok(suppressions_begin(list, &fixture_error));
	ck_assert_int_eq(suppressions_remove(list, 1, &jane, &fixture_error), FOUND_ONE);
	ck_assert_int_eq(suppressions_remove(list, 1, &jane, &fixture_error), FOUND_NONE);
	ck_ok(suppressions_commit(list, &fixture_error));
	ck_assert(!is_suppressed(1, "jane@example.net"));
	ck_assert(is_suppressed(2, "jane@example.net"));
	stop();
}
END_TEST

static void take_row(const struct suppression_row *row, void *context)
{
	char *text = context;
	size_t used = strlen(text);

	snprintf(text + used, 1024 - used, "%d %s %s %s;", (int)row->tenant_id, row->address,
		 suppression_reason_name(row->reason), row->note);
}

static void listed(int64_t tenant_id, char text_r[1024])
{
	text_r[0] = '\0';
	ck_ok(suppressions_begin(list, &fixture_error));
	ck_ok(suppressions_list(list, tenant_id, take_row, text_r, &fixture_error));
	ck_ok(suppressions_commit(list, &fixture_error));
}

START_TEST(a_list_can_be_read_by_who_has_the_key)
{
	char text[1024];

	start();
	add(2, "bob@example.org", SUPPRESSION_COMPLAINT);
	add(1, "Jane@example.net", SUPPRESSION_HARD);
	listed(1, text);
	ck_assert_str_eq(text, "1 Jane@example.net hard 550 no such user;");
	listed(0, text);
	ck_assert_str_eq(text, "1 Jane@example.net hard 550 no such user;2 bob@example.org "
			       "complaint 550 no such user;");
	stop();
}
END_TEST

/* Does any file of the database hold the octets? */
static bool files_hold(const void *octets, size_t length)
{
	static const char *const names[] = {"list.db", "list.db-wal", "list.db-shm"};
	bool held = false;

	for (size_t i = 0; i < COUNT(names); i++) {
		char path[160], *content;
		struct stat status;
		FILE *file;

		path_of(names[i], path);
		if (stat(path, &status) != 0 || status.st_size == 0)
			continue;
		content = malloc((size_t)status.st_size);
		file = fopen(path, "r");
		ck_assert_uint_eq(fread(content, 1, (size_t)status.st_size, file),
				  (size_t)status.st_size);
		held = held || memmem(content, (size_t)status.st_size, octets, length) != NULL;
		fclose(file);
		free(content);
	}
	return held;
}

START_TEST(the_files_tell_of_nobody)
{
	start();
	add(1, "jane@example.net", SUPPRESSION_HARD);
	ck_assert(!files_hold("jane", 4));
	ck_assert(!files_hold("example.net", 11));
	ck_assert(!files_hold("no such user", 12));
	stop();
}
END_TEST

START_TEST(erasing_a_person_leaves_no_trace_in_the_files)
{
	unsigned char hash[SUPPRESSION_HASH_BYTES];
	struct mailbox jane;
	size_t rows;

	start();
	jane = address("jane@example.net");
	for (int tenant = 1; tenant < 4; tenant++)
		add(tenant, "jane@example.net", SUPPRESSION_HARD);
	add(1, "bob@example.org", SUPPRESSION_HARD);
	suppression_hash(suppressions_key(list), &jane, hash);
	ck_assert(files_hold(hash, sizeof(hash)));
	ck_ok(suppressions_erase(list, &jane, false, &rows, &fixture_error));
	ck_assert_uint_eq(rows, 3);
	ck_assert(!files_hold(hash, sizeof(hash)));
	ck_assert(!is_suppressed(1, "jane@example.net"));
	ck_assert(is_suppressed(1, "bob@example.org"));
	stop();
}
END_TEST

START_TEST(an_erased_person_can_stay_suppressed_without_a_name)
{
	char text[1024];
	struct mailbox jane;
	size_t rows;

	start();
	jane = address("jane@example.net");
	add(1, "jane@example.net", SUPPRESSION_COMPLAINT);
	ck_ok(suppressions_erase(list, &jane, true, &rows, &fixture_error));
	ck_assert_uint_eq(rows, 1);
	ck_assert(is_suppressed(1, "jane@example.net"));
	listed(1, text);
	ck_assert_str_eq(text, "1  complaint ;");
	stop();
}
END_TEST

START_TEST(the_null_sender_is_never_suppressed)
{
	struct suppression_row row = {.tenant_id = 1};
	struct mailbox nobody;

	start();
	nobody = address("<>");
	ck_ok(suppressions_begin(list, &fixture_error));
	ck_fails(suppressions_add(list, &nobody, &row, NULL, &fixture_error), "null sender");
	stop();
}
END_TEST

START_TEST(with_another_key_file_the_list_is_not_read)
{
	struct suppressions *other = NULL;
	char path[160];

	start();
	path_of("list.key", path);
	ck_assert_int_eq(unlink(path), 0);
	ck_fails(suppressions_open(config, STORE_READ, &other, &fixture_error), "is not there");
	ck_ok(key_file_create(path, "nogroup", &fixture_error));
	ck_fails(suppressions_open(config, STORE_READ, &other, &fixture_error),
		 "suppression.key_file");
	ck_fails(suppressions_open(config, STORE_CREATE, &other, &fixture_error),
		 "suppression.key_file");
	stop();
}
END_TEST

/* A list of another key at the path of an open one: nothing would be found in it, so nobody is let through. */
START_TEST(a_list_that_is_replaced_by_one_of_another_key_is_an_error)
{
	struct suppression_store *store;
	enum suppression_reason reason;
	struct config *other_config;
	struct mailbox jane;
	char path[160], other_path[160];

	start();
	jane = address("jane@example.net");
	add(1, "jane@example.net", SUPPRESSION_HARD);
	store = suppression_store_new(config, 2);
	ck_assert_int_eq(suppression_store_find(store, 1, &jane, &reason, &fixture_error),
			 FOUND_ONE);
	suppressions_close(make_list("other", &other_config));
	config_free(other_config);
	path_of("list.db-wal", path); /* a log of the old one does not belong to the new one */
	ck_assert_int_eq(unlink(path), 0);
	path_of("list.db-shm", path);
	ck_assert_int_eq(unlink(path), 0);
	path_of("list.db", path);
	path_of("other.db", other_path);
	ck_assert_int_eq(rename(other_path, path), 0);
	ck_assert_int_eq(suppression_store_find(store, 1, &jane, &reason, &fixture_error),
			 FOUND_ERROR);
	ck_assert_ptr_nonnull(strstr(fixture_error.text, "suppression.key_file"));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(suppression_store_find(store, 1, &jane, &reason, &fixture_error),
			 FOUND_ERROR);
	suppression_store_free(store);
	stop();
}
END_TEST

static void *ask_often(void *context)
{
	struct suppression_store *store = context;
	enum suppression_reason reason;
	struct mailbox jane, bob;
	struct error err;
	size_t wrong = 0;

	wrong += !mailbox_parse("jane@example.net", &jane, &err);
	wrong += !mailbox_parse("bob@example.net", &bob, &err);
	for (int i = 0; i < 200; i++) {
		wrong += suppression_store_find(store, 1, &jane, &reason, &err) != FOUND_ONE;
		wrong += suppression_store_find(store, 1, &bob, &reason, &err) != FOUND_NONE;
	}
	return (void *)wrong;
}

START_TEST(many_threads_share_few_handles_while_somebody_writes)
{
	struct suppression_store *store;
	pthread_t threads[6];

	start();
	add(1, "jane@example.net", SUPPRESSION_HARD);
	store = suppression_store_new(config, 2);
	for (size_t i = 0; i < COUNT(threads); i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ask_often, store), 0);
	for (int i = 0; i < 20; i++) {
		char text[64];

		snprintf(text, sizeof(text), "other%d@example.net", i);
		add(1, text, SUPPRESSION_SOFT);
	}
	for (size_t i = 0; i < COUNT(threads); i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
	suppression_store_free(store);
	stop();
}
END_TEST

UNIT_MAIN("suppression", many_threads_share_few_handles_while_somebody_writes,
	  an_address_is_known_in_all_its_spellings, a_plus_address_is_one_of_its_own,
	  a_list_is_one_tenants, a_stronger_reason_replaces_a_weaker_one_and_never_the_other_way,
	  what_was_removed_is_found_no_more, a_list_can_be_read_by_who_has_the_key,
	  the_files_tell_of_nobody, erasing_a_person_leaves_no_trace_in_the_files,
	  an_erased_person_can_stay_suppressed_without_a_name, the_null_sender_is_never_suppressed,
	  with_another_key_file_the_list_is_not_read,
	  a_list_that_is_replaced_by_one_of_another_key_is_an_error)
