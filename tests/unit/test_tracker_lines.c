/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of the mail log: dates, programs, and what they say about a message, also where they try to deceive. */
#include "services/tracker/log_line.h"
#include "services/tracker/postfix_line.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAIL                                                                                     \
	", relay=mx.dest.example[198.51.100.1]:25, delay=1.2, delays=0.1/0/0.5/0.6, dsn=2.0.0, " \
	"status=sent (250 Ok)"

static char buffer[LOG_LINE_SIZE];

static bool read_line(const char *text, time_t now, struct log_line *line_r)
{
	snprintf(buffer, sizeof(buffer), "%s", text);
	return log_line_parse(buffer, now, line_r);
}

static struct line_event event;

static const struct line_event *parse(const char *program, const char *text)
{
	static char name[128];

	snprintf(name, sizeof(name), "%s", program);
	snprintf(buffer, sizeof(buffer), "%s", text);
	postfix_line_parse(name, buffer, &event);
	return &event;
}

/* 2026-11-24 13:18:03 UTC */
#define NOW ((time_t)1795526283)

START_TEST(a_full_date_is_read_with_its_zone)
{
	struct log_line line;

	ck_assert(
	    read_line("2026-11-24T14:18:03.123456+01:00 relay postfix/smtp[12]: x: y", NOW, &line));
	ck_assert_int_eq(line.at, NOW);
	ck_assert_str_eq(line.program, "postfix/smtp");
	ck_assert_str_eq(line.text, "x: y");
	ck_assert(read_line("2026-11-24T07:48:03-05:30 relay easymail-milter: z", NOW, &line));
	ck_assert_int_eq(line.at, NOW);
	ck_assert_str_eq(line.program, "easymail-milter");
	ck_assert(read_line("2026-11-24T13:18:03Z relay a/b/c[1]: ", NOW, &line));
	ck_assert_int_eq(line.at, NOW);
	ck_assert_str_eq(line.text, "");
}
END_TEST

START_TEST(a_short_date_is_of_the_year_that_makes_sense)
{
	struct log_line line;

	setenv("TZ", "UTC", 1);
	tzset();
	ck_assert(read_line("Nov 24 13:18:03 relay postfix/smtp[12]: x", NOW, &line));
	ck_assert_int_eq(line.at, NOW);
	ck_assert(read_line("Nov  4 13:18:03 relay postfix/smtp[12]: x", NOW, &line));
	ck_assert_int_eq(line.at, NOW - 20 * 86400);
	/* December is last year's, an hour ahead is today's, New Year's Eve read on New Year's Day. */
	ck_assert(read_line("Dec 24 13:18:03 relay postfix/smtp[12]: x", NOW, &line));
	ck_assert_int_eq(line.at, NOW - 335 * 86400);
	ck_assert(read_line("Nov 24 14:18:03 relay postfix/smtp[12]: x", NOW, &line));
	ck_assert_int_eq(line.at, NOW + 3600);
	ck_assert(read_line("Dec 31 23:59:59 relay postfix/smtp[12]: x", 1798761601, &line));
	ck_assert_int_eq(line.at, 1798761599);
	ck_assert(read_line("Jan  1 00:00:02 relay postfix/smtp[12]: x", 1798761599, &line));
	ck_assert_int_eq(line.at, 1798761602);
}
END_TEST

START_TEST(what_is_no_line_of_a_log_is_none)
{
	static const char *const wrong[] = {
	    "",
	    " ",
	    "Nov",
	    "Nov 24",
	    "Nov 24 13:18:03",
	    "Nov 24 13:18:03 relay",
	    "Nov 24 13:18:03 relay postfix/smtp",
	    "Nov 24 25:18:03 relay a[1]: x",
	    "Nov 32 13:18:03 relay a[1]: x",
	    "Foo 24 13:18:03 relay a[1]: x",
	    "Nov 24 13:18:03 relay a[1] x",
	    "Nov 24 13:18:03 relay a[1",
	    "Nov 24 13:18:03 relay : x",
	    "2026-13-24T13:18:03Z relay a: x",
	    "2026-11-24T13:18:03 relay a: x",
	    "2026-11-24 13:18:03Z relay a: x",
	    "2026-11-24T13:18:03+1:00 relay a: x",
	    "26-11-24T13:18:03Z relay a: x",
	    "last message repeated 2 times",
	};
	struct log_line line;

	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_msg(!read_line(wrong[i], NOW, &line), "%s", wrong[i]);
}
END_TEST

START_TEST(a_delivery_is_read_whole)
{
	const struct journal_delivery *d =
	    &parse("postfix/easymail-192.0.2.10/smtp",
		   "4XyZ12: to=<b@Dest.Example>, orig_to=<c@x.example>, relay=mx.dest.example"
		   "[198.51.100.1]:25, conn_use=2, delay=1.25, delays=0.1/0/0.5/0.6, dsn=5.1.1, "
		   "status=bounced (host mx said: 550 5.1.1 no (really) no (in reply to RCPT TO "
		   "command))")
		 ->delivery;

	ck_assert_int_eq(event.kind, LINE_DELIVERY);
	ck_assert_str_eq(d->queue_id, "4XyZ12");
	ck_assert_str_eq(d->recipient, "b@Dest.Example");
	ck_assert_str_eq(d->domain, "dest.example");
	ck_assert_str_eq(d->transport, "easymail-192.0.2.10");
	ck_assert_str_eq(d->egress, "192.0.2.10");
	ck_assert_str_eq(d->host, "mx.dest.example");
	ck_assert_str_eq(d->address, "198.51.100.1");
	ck_assert_int_eq(d->delay_ms, 1250);
	ck_assert_str_eq(d->dsn, "5.1.1");
	ck_assert_str_eq(d->status, "bounced");
	ck_assert_str_eq(d->reply,
			 "host mx said: 550 5.1.1 no (really) no (in reply to RCPT TO command)");
}
END_TEST

START_TEST(the_egress_address_is_that_of_the_service_that_sent)
{
	static const struct {
		const char *program, *transport, *egress;
	} samples[] = {
	    {"postfix/easymail-192.0.2.10/smtp", "easymail-192.0.2.10", "192.0.2.10"},
	    {"postfix/easymail-2001-db8--7/smtp", "easymail-2001-db8--7", "2001:db8::7"},
	    {"postfix/easymail-group-main/easymail-192.0.2.10/smtp", "easymail-group-main",
	     "192.0.2.10"},
	    {"postfix/easymail-group-main/none/smtp", "easymail-group-main", ""},
	    {"postfix/easymail-group-192/easymail-2001-db8--7/smtp", "easymail-group-192",
	     "2001:db8::7"},
	    {"postfix-out/easymail-192.0.2.10/smtp", "easymail-192.0.2.10", "192.0.2.10"},
	    {"postfix/smtp", "smtp", ""},
	    {"postfix/error", "error", ""},
	    {"postfix/relay/smtp", "relay", ""},
	};

	for (size_t i = 0; i < COUNT(samples); i++) {
		parse(samples[i].program, "4XyZ12: to=<b@dest.example>" TAIL);
		ck_assert_int_eq(event.kind, LINE_DELIVERY);
		ck_assert_str_eq(event.delivery.transport, samples[i].transport);
		ck_assert_str_eq(event.delivery.egress, samples[i].egress);
	}
}
END_TEST

START_TEST(no_recipient_can_speak_as_postfix)
{
	parse("postfix/smtp",
	      "4XyZ12: to=<\"x>, relay=evil[1.1.1.1]:25, delay=0, delays=0, dsn=2.0.0, "
	      "status=sent (\"@dest.example>" TAIL);
	ck_assert_int_eq(event.kind, LINE_DELIVERY);
	ck_assert_str_eq(event.delivery.host, "mx.dest.example");
	ck_assert_str_eq(event.delivery.domain, "dest.example");
	parse("postfix/smtp", "4XyZ12: to=<\"a\\\">, relay=evil\"@dest.example>" TAIL);
	ck_assert_str_eq(event.delivery.host, "mx.dest.example");
}
END_TEST

START_TEST(no_reply_can_speak_as_postfix)
{
	parse("postfix/smtp",
	      "4XyZ12: to=<b@dest.example>, relay=mx[1.1.1.1]:25, delay=1, delays=1, "
	      "dsn=4.0.0, status=deferred (host mx said: 450 status=sent (250 Ok), "
	      "to=<c@x.example>" TAIL ")");
	ck_assert_str_eq(event.delivery.status, "deferred");
	ck_assert_str_eq(event.delivery.recipient, "b@dest.example");
}
END_TEST

START_TEST(qmgr_tells_the_sender_the_end_and_that_time_was_up)
{
	parse("postfix/qmgr", "4XyZ12: from=<a@acme.example>, size=1200, nrcpt=1 (queue active)");
	ck_assert_int_eq(event.kind, LINE_SENDER);
	ck_assert_str_eq(event.sender, "a@acme.example");
	parse("postfix/qmgr", "4XyZ12: from=<>, size=1200, nrcpt=1 (queue active)");
	ck_assert_int_eq(event.kind, LINE_SENDER);
	ck_assert_str_eq(event.sender, "");
	parse("postfix/qmgr", "4XyZ12: removed");
	ck_assert_int_eq(event.kind, LINE_REMOVED);
	parse("postfix/qmgr", "4XyZ12: from=<a@acme.example>, status=expired, returned to sender");
	ck_assert_int_eq(event.kind, LINE_EXPIRED);
	ck_assert_str_eq(event.delivery.status, "expired");
	ck_assert_str_eq(event.delivery.reply, "returned to sender");
}
END_TEST

START_TEST(a_decision_is_read_with_keys_that_are_not_known_here)
{
	static const char text[] =
	    "decision id=4XyZ12 client=198.51.100.7 helo=mx from=<a@acme.example> rcpts=1 "
	    "tenant=acme "
	    "verdict=reject filter=tenant code=550 status=5.7.1 egress= way=bulk score=1.5 "
	    "spf=pass "
	    "dkim= generation=42 us=180 text=\"a.example may not: tenant=evil\"";

	parse("easymail-milter", text);
	ck_assert_int_eq(event.kind, LINE_DECISION);
	ck_assert_str_eq(event.decision.queue_id, "4XyZ12");
	ck_assert_str_eq(event.decision.sender, "a@acme.example");
	ck_assert_str_eq(event.decision.tenant, "acme");
	ck_assert_str_eq(event.decision.verdict, "reject");
	ck_assert_str_eq(event.decision.filter, "tenant");
	ck_assert_int_eq(event.decision.code, 550);
	ck_assert_str_eq(event.decision.status, "5.7.1");
	ck_assert_int_eq(event.decision.generation, 42);
	ck_assert_str_eq(event.decision.reply, "a.example may not: tenant=evil");
	/* Before there was a queue id; and only from the milter. */
	parse("easymail-milter", "info: decision id= verdict=tempfail text=\"\"");
	ck_assert_int_eq(event.kind, LINE_DECISION);
	ck_assert_str_eq(event.queue_id, "");
	parse("postfix/smtpd", text);
	ck_assert_int_eq(event.kind, LINE_OTHER);
}
END_TEST

START_TEST(other_lines_say_nothing)
{
	static const struct {
		const char *program, *text;
	} samples[] = {
	    {"postfix/smtpd",
	     "NOQUEUE: reject: RCPT from x[1.1.1.1]: 554 5.7.1; from=<a@b> to=<c@d>"},
	    {"postfix/smtpd", "4XyZ12: client=mx.acme.example[198.51.100.7]"},
	    {"postfix/cleanup", "4XyZ12: message-id=<x@acme.example>"},
	    {"postfix/cleanup",
	     "4XyZ12: warning: header Subject: 4XyZ12: to=<b@dest.example>" TAIL},
	    {"postfix/smtp", "4XyZ12: host mx[1.1.1.1] said: 450 x (in reply to RCPT TO command)"},
	    {"postfix/smtp", "connect to mx.dest.example[198.51.100.1]:25: Connection refused"},
	    {"postfix/smtp", "4XyZ12: to=<b@dest.example"},
	    {"postfix/smtp", "4XyZ12: to=<b@dest.example>, relay=mx"},
	    {"postfix/smtp", "4XyZ12: to=<b@dest.example>, relay=mx, delay=1, delays=1, dsn=2.0.0"},
	    {"postfix/smtp", "4XyZ-12: to=<b@dest.example>" TAIL},
	    {"postfix/qmgr", "4XyZ12: from=<a@acme.example>, status=unknown"},
	    {"postfix/qmgr", "4XyZ12: skipped, still being delivered"},
	    {"smtp", "4XyZ12: to=<b@dest.example>" TAIL},
	    {"easymail-milter", "decision id=4XyZ12 verdict=accept"},
	    {"easymail-milter", "decision verdict accept text=\"\""},
	    {"easymail-milter", "started"},
	    {"", ""},
	};

	for (size_t i = 0; i < COUNT(samples); i++) {
		parse(samples[i].program, samples[i].text);
		ck_assert_msg(event.kind == LINE_OTHER, "%s: %s", samples[i].program,
			      samples[i].text);
	}
}
END_TEST

UNIT_MAIN("tracker_lines", a_full_date_is_read_with_its_zone,
	  a_short_date_is_of_the_year_that_makes_sense, what_is_no_line_of_a_log_is_none,
	  a_delivery_is_read_whole, the_egress_address_is_that_of_the_service_that_sent,
	  no_recipient_can_speak_as_postfix, no_reply_can_speak_as_postfix,
	  qmgr_tells_the_sender_the_end_and_that_time_was_up,
	  a_decision_is_read_with_keys_that_are_not_known_here, other_lines_say_nothing)
