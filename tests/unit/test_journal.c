/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal: what is written is read, tallies count, old rows go, and trouble with it loses no record. */
#include "common/journal.h"
#include "common/journal_delivery.h"
#include "common/journal_position.h"
#include "tests/unit/store_fixture.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define NOON ((int64_t)1900000020)

static char path[160];
static struct journal *journal; /* writable */

static void start(void)
{
	fixture_make_directory();
	snprintf(path, sizeof(path), "%s/journal.db", fixture_directory);
	ck_ok(journal_open(path, JOURNAL_CREATE, 100, &journal, &fixture_error));
}

static void stop(void)
{
	journal_close(journal);
	fixture_stop();
}

static struct journal_audit change(const char *subject, const char *to, int64_t at)
{
	return (struct journal_audit){.at = at,
				      .actor = "easymail-monitor",
				      .kind = "egress",
				      .subject = subject,
				      .old_state = "active",
				      .new_state = to,
				      .reason = "zone says 127.0.0.2"};
}

/* Subjects and new states that a list gives, in one text. */
static void append_audit(const struct journal_audit *audit, void *context)
{
	size_t used = strlen(context);

	snprintf((char *)context + used, 256 - used, "%s=%s ", audit->subject, audit->new_state);
}

static const char *audits(const char *kind, const char *subject, int limit)
{
	static char text[256];

	text[0] = '\0';
	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(journal_audit_list(
	    journal,
	    &(struct journal_audit_filter){.kind = kind, .subject = subject, .limit = limit},
	    append_audit, text, &fixture_error));
	journal_rollback(journal);
	return text;
}

static bool note(const char *subject, const char *to, int64_t at)
{
	struct journal_audit audit = change(subject, to, at);

	return journal_note(path, 50, &audit, 1, &fixture_error);
}

static struct journal_delivery reply(const char *queue_id, enum reply_class class, int64_t at)
{
	return (struct journal_delivery){.at = at,
					 .queue_id = queue_id,
					 .tenant = "acme",
					 .sender = "a@acme.example",
					 .recipient = "b@dest.example",
					 .domain = "dest.example",
					 .transport = "easymail-192.0.2.10",
					 .egress = "192.0.2.10",
					 .host = "mx.dest.example",
					 .address = "198.51.100.1",
					 .delay_ms = 1250,
					 .status = "sent",
					 .dsn = "2.0.0",
					 .class = class,
					 .reply = "250 2.0.0 Ok"};
}

static void deliver(const char *queue_id, enum reply_class class, int64_t at)
{
	struct journal_delivery delivery = reply(queue_id, class, at);

	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(journal_delivery_add(journal, &delivery, &fixture_error));
	ck_ok(journal_commit(journal, &fixture_error));
}

static void append_tally(const struct journal_tally *tally, void *context)
{
	size_t used = strlen(context);

	snprintf((char *)context + used, 256 - used, "%lld %s %s %s %lld\n",
		 (long long)(tally->minute - NOON / 60), tally->egress, tally->domain,
		 reply_class_name(tally->class), (long long)tally->count);
}

static const char *tallies(int64_t since, const char *domain)
{
	static char text[256];

	text[0] = '\0';
	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(journal_tally_read(journal, since, domain, append_tally, text, &fixture_error));
	journal_rollback(journal);
	return text;
}

static void append_queue_id(const struct journal_delivery *delivery, void *context)
{
	size_t used = strlen(context);

	snprintf((char *)context + used, 256 - used, "%s ", delivery->queue_id);
}

static const char *deliveries(const struct journal_filter *filter)
{
	static char text[256];

	text[0] = '\0';
	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(journal_delivery_list(journal, filter, append_queue_id, text, &fixture_error));
	journal_rollback(journal);
	return text;
}

START_TEST(the_audit_trail_is_told_by_subject_oldest_first)
{
	ck_ok(note("192.0.2.1", "listed", NOON));
	ck_ok(note("192.0.2.2", "down", NOON + 1));
	ck_ok(note("192.0.2.1", "active", NOON + 2));
	ck_assert_str_eq(audits("egress", "192.0.2.1", 10), "192.0.2.1=listed 192.0.2.1=active ");
	ck_assert_str_eq(audits("egress", NULL, 2), "192.0.2.2=down 192.0.2.1=active ");
	ck_assert_str_eq(audits(NULL, "192.0.2.2", 2), "192.0.2.2=down ");
	ck_assert_str_eq(audits("tenant", NULL, 2), "");
}
END_TEST

START_TEST(replies_are_tallied_by_minute_for_their_domain_and_for_all)
{
	struct journal_delivery local = reply("Q4", REPLY_LOCAL, NOON);

	deliver("Q1", REPLY_REPUTATION, NOON);
	deliver("Q2", REPLY_REPUTATION, NOON + 30);
	deliver("Q3", REPLY_ACCEPTED, NOON + 60);
	local.egress = "";
	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(journal_delivery_add(journal, &local, &fixture_error));
	ck_ok(journal_commit(journal, &fixture_error));
	ck_assert_str_eq(tallies(NOON / 60, NULL), "0 192.0.2.10 * reputation 2\n"
						   "0 192.0.2.10 dest.example reputation 2\n"
						   "1 192.0.2.10 * accepted 1\n"
						   "1 192.0.2.10 dest.example accepted 1\n");
	ck_assert_str_eq(tallies(NOON / 60 + 1, "*"), "1 192.0.2.10 * accepted 1\n");
}
END_TEST

START_TEST(deliveries_are_found_by_queue_id_sender_and_recipient)
{
	deliver("Q1", REPLY_ACCEPTED, NOON);
	deliver("Q2", REPLY_ACCEPTED, NOON + 1);
	deliver("Q1", REPLY_ACCEPTED, NOON + 2);
	ck_assert_str_eq(deliveries(&(struct journal_filter){.queue_id = "Q1", .limit = 9}),
			 "Q1 Q1 ");
	ck_assert_str_eq(
	    deliveries(&(struct journal_filter){.sender = "a@acme.example", .limit = 2}), "Q2 Q1 ");
	ck_assert_str_eq(deliveries(&(struct journal_filter){
			     .recipient = "b@dest.example", .queue_id = "Q2", .limit = 9}),
			 "Q2 ");
	ck_assert_str_eq(deliveries(&(struct journal_filter){.since = NOON + 1, .limit = 9}),
			 "Q1 ");
	ck_assert_str_eq(deliveries(&(struct journal_filter){.sender = "other", .limit = 9}), "");
}
END_TEST

START_TEST(a_message_keeps_what_each_line_told_of_it_until_it_is_removed)
{
	struct journal_message message;

	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(journal_message_put(journal, "Q1", NOON, NULL, "acme", &fixture_error));
	ck_ok(journal_message_put(journal, "Q1", NOON, "a@acme.example", NULL, &fixture_error));
	ck_assert_int_eq(journal_message_get(journal, "Q1", &message, &fixture_error), FOUND_ONE);
	ck_assert_str_eq(message.sender, "a@acme.example");
	ck_assert_str_eq(message.tenant, "acme");
	ck_ok(journal_message_drop(journal, "Q1", &fixture_error));
	ck_assert_int_eq(journal_message_get(journal, "Q1", &message, &fixture_error), FOUND_NONE);
	ck_ok(journal_commit(journal, &fixture_error));
}
END_TEST

START_TEST(a_position_is_read_back_with_all_its_bits)
{
	struct journal_position position = {.path = "/var/log/mail.log",
					    .device = 7,
					    .inode = UINT64_MAX - 3,
					    .offset = 1234567890123,
					    .head_size = 256,
					    .head = UINT64_C(0xfedcba9876543210),
					    .cursor = "s=1;i=2"};
	struct journal_position got;

	ck_ok(journal_begin(journal, &fixture_error));
	ck_assert_int_eq(journal_position_get(journal, "file", &got, &fixture_error), FOUND_NONE);
	ck_ok(journal_position_put(journal, "file", &position, &fixture_error));
	ck_ok(journal_position_put(journal, "file", &position, &fixture_error));
	ck_assert_int_eq(journal_position_get(journal, "file", &got, &fixture_error), FOUND_ONE);
	ck_ok(journal_commit(journal, &fixture_error));
	ck_assert_str_eq(got.path, position.path);
	ck_assert_uint_eq(got.inode, position.inode);
	ck_assert_uint_eq(got.offset, position.offset);
	ck_assert_uint_eq(got.head, position.head);
	ck_assert_str_eq(got.cursor, position.cursor);
}
END_TEST

START_TEST(old_rows_go_in_steps_and_others_stay)
{
	size_t done;

	for (int i = 0; i < 5; i++) {
		deliver("old", REPLY_ACCEPTED, NOON - 86400);
		ck_ok(note("192.0.2.1", "old", NOON - 86400));
	}
	deliver("new", REPLY_ACCEPTED, NOON);
	ck_ok(note("192.0.2.1", "new", NOON));
	ck_ok(journal_purge(journal, NOON - 60, 3, &done, &fixture_error));
	ck_assert_uint_eq(done, 3 + 3 + 2); /* deliveries, changes, tallies */
	do
		ck_ok(journal_purge(journal, NOON - 60, 3, &done, &fixture_error));
	while (done > 0);
	ck_assert_str_eq(deliveries(&(struct journal_filter){.limit = 9}), "new ");
	ck_assert_str_eq(audits(NULL, NULL, 9), "192.0.2.1=new ");
	ck_assert_str_eq(tallies(0, "*"), "0 192.0.2.10 * accepted 1\n");
}
END_TEST

static size_t take_spool(void)
{
	size_t taken;

	ck_ok(journal_take_spool(journal, &taken, &fixture_error));
	return taken;
}

START_TEST(while_another_writes_records_go_to_the_spool_and_are_caught_up_once)
{
	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(note("192.0.2.1", "listed", NOON));
	ck_ok(note("192.0.2.1", "active", NOON + 1));
	journal_rollback(journal);
	ck_assert_str_eq(audits(NULL, NULL, 9), "");
	ck_assert_uint_eq(take_spool(), 2);
	ck_assert_uint_eq(take_spool(), 0);
	ck_assert_str_eq(audits(NULL, NULL, 9), "192.0.2.1=listed 192.0.2.1=active ");
}
END_TEST

START_TEST(a_missing_or_damaged_journal_sends_records_to_the_spool)
{
	char log[192];
	int fd;

	journal_close(journal);
	journal = NULL;
	snprintf(log, sizeof(log), "%s-wal", path);
	ck_assert_int_eq(unlink(log), 0);
	fd = open(path, O_WRONLY | O_TRUNC);
	ck_assert_int_eq(write(fd, "garbage", 7), 7);
	close(fd);
	ck_ok(note("192.0.2.1", "listed", NOON));
	ck_assert_int_eq(unlink(path), 0);
	ck_ok(note("192.0.2.1", "active", NOON));
	ck_ok(journal_open(path, JOURNAL_CREATE, 100, &journal, &fixture_error));
	ck_assert_uint_eq(take_spool(), 2);
}
END_TEST

START_TEST(when_the_spool_cannot_be_written_either_the_caller_is_told_both)
{
	char spool[192];
	int fd;

	snprintf(spool, sizeof(spool), "%s.spool", path);
	fd = open(spool, O_WRONLY | O_CREAT, 0600);
	close(fd);
	ck_ok(journal_begin(journal, &fixture_error));
	ck_fails(note("192.0.2.1", "listed", NOON), "locked by another program");
	ck_assert_ptr_nonnull(strstr(fixture_error.text, "journal.db.spool"));
	journal_rollback(journal);
}
END_TEST

/* A file as one that was entered, and not removed before the process was killed. */
START_TEST(a_spool_file_whose_removal_was_interrupted_is_not_entered_twice)
{
	char command[512];

	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(note("192.0.2.1", "listed", NOON));
	journal_rollback(journal);
	snprintf(command, sizeof(command), "cp -r %s.spool %s/saved && touch %s.spool/1.5.x.tmp",
		 path, fixture_directory, path);
	ck_assert_int_eq(system(command), 0);
	ck_assert_uint_eq(take_spool(), 1);
	snprintf(command, sizeof(command), "cp %s/saved/* %s.spool/", fixture_directory, path);
	ck_assert_int_eq(system(command), 0);
	ck_assert_uint_eq(take_spool(), 0);
	ck_assert_str_eq(audits(NULL, NULL, 9), "192.0.2.1=listed ");
}
END_TEST

START_TEST(what_is_no_spool_file_is_put_aside_and_stops_nothing)
{
	char command[512];

	snprintf(command, sizeof(command), "mkdir %s.spool && echo '[{' >%s.spool/000000000001.1.1",
		 path, path);
	ck_assert_int_eq(system(command), 0);
	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(note("192.0.2.1", "listed", NOON));
	journal_rollback(journal);
	ck_assert_uint_eq(take_spool(), 1);
	snprintf(command, sizeof(command), "test -f %s.spool/000000000001.1.1.refused", path);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static void count_audit(const struct journal_audit *audit, void *context)
{
	(void)audit;
	++*(size_t *)context;
}

/* Children that write all at once; each record is there once, in the journal or in the spool. */
START_TEST(several_processes_write_and_no_record_is_lost)
{
	enum { WRITERS = 4, EACH = 25 };
	size_t count = 0;

	for (int w = 0; w < WRITERS; w++) {
		if (fork() == 0) {
			for (int i = 0; i < EACH; i++) {
				if (!note("s", "x", NOON + i))
					_exit(1);
			}
			_exit(0);
		}
	}
	for (int w = 0; w < WRITERS; w++) {
		int status;

		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	take_spool();
	ck_ok(journal_begin(journal, &fixture_error));
	ck_ok(journal_audit_list(journal, &(struct journal_audit_filter){.limit = 1000},
				 count_audit, &count, &fixture_error));
	ck_assert_uint_eq(count, WRITERS * EACH);
}
END_TEST

START_TEST(tenants_db_is_no_journal_and_stays_as_it_is)
{
	struct journal *other;

	ck_ok(store_open(fixture_path, STORE_CREATE, 100, &fixture_db, &fixture_error));
	ck_fails(journal_open(fixture_path, JOURNAL_WRITE, 100, &other, &fixture_error),
		 "not a database of easymail that belongs here");
	ck_fails(journal_open(fixture_path, JOURNAL_CREATE, 100, &other, &fixture_error),
		 "not a database of easymail that belongs here");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("journal");
	TCase *tests = tcase_create("journal");

	tcase_add_checked_fixture(tests, start, stop);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, the_audit_trail_is_told_by_subject_oldest_first);
	tcase_add_test(tests, replies_are_tallied_by_minute_for_their_domain_and_for_all);
	tcase_add_test(tests, deliveries_are_found_by_queue_id_sender_and_recipient);
	tcase_add_test(tests, a_message_keeps_what_each_line_told_of_it_until_it_is_removed);
	tcase_add_test(tests, a_position_is_read_back_with_all_its_bits);
	tcase_add_test(tests, old_rows_go_in_steps_and_others_stay);
	tcase_add_test(tests, while_another_writes_records_go_to_the_spool_and_are_caught_up_once);
	tcase_add_test(tests, a_missing_or_damaged_journal_sends_records_to_the_spool);
	tcase_add_test(tests, when_the_spool_cannot_be_written_either_the_caller_is_told_both);
	tcase_add_test(tests, a_spool_file_whose_removal_was_interrupted_is_not_entered_twice);
	tcase_add_test(tests, what_is_no_spool_file_is_put_aside_and_stops_nothing);
	tcase_add_test(tests, several_processes_write_and_no_record_is_lost);
	tcase_add_test(tests, tenants_db_is_no_journal_and_stays_as_it_is);
	suite_add_tcase(suite, tests);
	return fixture_run(suite);
}
