/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of settings. */
#include "common/settings.h"

#define SCORES     -10000, 100000 /* least and most, in hundredths */
#define ANY_ACTION "accept|tag|tempfail|quarantine|discard|reject"

const struct setting_definition setting_definitions[SETTING_COUNT] = {
    [SETTING_FROM_POLICY] = {"from.policy", SETTING_CHOICE, "enforce", "enforce|tag|off", 0, 0,
			     true, "what happens to a header From outside the tenant's domains"},
    [SETTING_EGRESS_DEFAULT_GROUP] = {"egress.default_group", SETTING_GROUP, "", NULL, 0, 40, false,
				      "the egress group of tenants that have none of their own"},
    [SETTING_AV_ON_INFECTED] = {"av.on_infected", SETTING_CHOICE, "reject",
				"reject|quarantine|discard", 0, 0, true,
				"what happens to a message in which a virus was found"},
    [SETTING_AV_ON_UNKNOWN] = {"av.on_unknown", SETTING_CHOICE, "tempfail",
			       "tempfail|quarantine|accept", 0, 0, true,
			       "what happens to a message that could not be scanned; accept: with "
			       "a header that says so"},
    [SETTING_AV_ON_OVER_LIMIT] = {"av.on_over_limit", SETTING_CHOICE, "unknown",
				  "unknown|" ANY_ACTION, 0, 0, true,
				  "what happens to a message too large or too deep to be scanned; "
				  "unknown: as av.on_unknown says"},
    [SETTING_AV_ON_PARTIAL] = {"av.on_partial", SETTING_CHOICE, "reject", ANY_ACTION, 0, 0, true,
			       "what happens to a message/partial, whose pieces nobody can scan"},
    [SETTING_AV_ON_ENCRYPTED_ARCHIVE] = {"av.on_encrypted_archive", SETTING_CHOICE, "tag",
					 ANY_ACTION, 0, 0, true,
					 "what happens to an archive that is locked by a password"},
    [SETTING_AV_ON_ENCRYPTED_DOCUMENT] =
	{"av.on_encrypted_document", SETTING_CHOICE, "tag", ANY_ACTION, 0, 0, true,
	 "what happens to a document that is locked by a password"},
    [SETTING_AV_ON_MACROS] = {"av.on_macros", SETTING_CHOICE, "accept", ANY_ACTION, 0, 0, true,
			      "what happens to an Office document with macros"},
    [SETTING_AV_NOTICE_TO] = {"av.notice_to", SETTING_ADDRESS, "", NULL, 0, 320, true,
			      "the address that is told of a virus in the tenant's mail, once a "
			      "day per signature; empty: nobody"},
    [SETTING_NOTICE_FROM] = {"notice.from", SETTING_ADDRESS, "", NULL, 0, 320, false,
			     "header From of notices to tenants; empty: postmaster at this host's "
			     "name"},
    [SETTING_DKIM_REQUIRED] = {"dkim.required", SETTING_CHOICE, "no", "no|tempfail|reject", 0, 0,
			       true,
			       "what happens to mail of a domain that has no active DKIM key; no: "
			       "it leaves unsigned"},
    [SETTING_DKIM_OWN_SIGNATURES] = {"dkim.own_signatures", SETTING_CHOICE, "keep",
				     "keep|keep_valid|remove", 0, 0, true,
				     "what happens to the DKIM signatures that the tenant's server "
				     "has made"},
    [SETTING_DKIM_SIGN_SIGNED] = {"dkim.sign_signed", SETTING_CHOICE, "yes", "no|yes", 0, 0, true,
				  "whether mail is signed that keeps a signature of its own "
				  "domain"},
    [SETTING_DKIM_PROVIDER_DOMAIN] = {"dkim.provider_domain", SETTING_TEXT, "", NULL, 0, 253, false,
				      "the domain whose key signs all signed mail once more"},
    [SETTING_HIDE_SERVER] = {"hide.server", SETTING_CHOICE, "on", "off|on", 0, 0, true,
			     "whether headers that tell of the tenant's network are removed"},
    [SETTING_HIDE_MESSAGE_ID] = {"hide.message_id", SETTING_CHOICE, "off", "off|on", 0, 0, true,
				 "whether Message-IDs of hosts inside the tenant's network are "
				 "rewritten, in References too"},
    [SETTING_DKIM_ROTATE_DAYS] = {"dkim.rotate_days", SETTING_NUMBER, "0", NULL, 0, 3650, true,
				  "how old an active DKIM key gets before `easymailctl dkim "
				  "maintain` makes the next one; 0: never by itself"},
    [SETTING_DKIM_RETIRE_DAYS] = {"dkim.retire_days", SETTING_NUMBER, "7", NULL, 1, 90, false,
				  "how long a key that signs no more stays published: longer than "
				  "mail may be in queues"},
    [SETTING_SPF_INCLUDE] = {"spf.include", SETTING_TEXT, "", NULL, 0, 253, false,
			     "the domain whose SPF record lists the egress addresses, for the "
			     "tenants' records to include"},
    [SETTING_SPF_ON_FAIL] = {"spf.on_fail", SETTING_CHOICE, "relay", "relay|hold|refuse", 0, 0,
			     true,
			     "what happens to mail whose SPF fails for every address it could "
			     "leave from; hold: the tenant's server keeps it"},
    [SETTING_BULK_SOFT_BOUNCE_LIMIT] = {"bulk.soft_bounce_limit", SETTING_NUMBER, "5", NULL, 0,
					1000, true,
					"after how many soft bounces an address is suppressed; 0: "
					"never"},
    [SETTING_BULK_SOFT_BOUNCE_DAYS] = {"bulk.soft_bounce_days", SETTING_NUMBER, "30", NULL, 1, 365,
				       true, "within how many days those have to come"},
    [SETTING_SUPPRESSION_CHECK] = {"suppression.check", SETTING_CHOICE, "on", "off|on|bulk", 0, 0,
				   true,
				   "whether mail to addresses on the tenant's suppression list is "
				   "refused; bulk: only of domains and relay hosts in that stream"},
    [SETTING_SUPPRESSION_ON_ERROR] =
	{"suppression.on_error", SETTING_CHOICE, "tempfail", "tempfail|accept", 0, 0, true,
	 "what happens to a recipient while the suppression list cannot "
	 "be read; accept: it may be one that is on it"},
    [SETTING_BULK_EGRESS_GROUP] = {"bulk.egress_group", SETTING_GROUP, "", NULL, 0, 40, true,
				   "the egress group of bulk mail; empty: bulk mail is not taken"},
    [SETTING_ANTISPAM_SUSPECT_GROUP] = {"antispam.suspect_group", SETTING_GROUP, "", NULL, 0, 40,
					true,
					"the egress group of suspicious mail; empty: it is not "
					"taken"},
    [SETTING_BULK_RATE] = {"bulk.rate", SETTING_NUMBER, "50", NULL, 0, 100000, false,
			   "how many bulk messages a second are taken, of all tenants together; 0: "
			   "as many as come"},
    [SETTING_BULK_SESSIONS] = {"bulk.sessions", SETTING_NUMBER, "20", NULL, 1, 100000, false,
			       "how many SMTP sessions may hand in bulk mail at once; less than "
			       "Postfix has smtpd processes"},
    [SETTING_BULK_PROCESSES] = {"bulk.processes", SETTING_NUMBER, "20", NULL, 1, 1000, false,
				"how many deliveries a transport of bulk mail makes at once"},
    [SETTING_BULK_DESTINATION_CONCURRENCY] = {"bulk.destination_concurrency", SETTING_NUMBER, "5",
					      NULL, 1, 1000, false,
					      "how many of them to the same destination"},
    [SETTING_BULK_DESTINATION_RATE_DELAY] =
	{"bulk.destination_rate_delay", SETTING_NUMBER, "0", NULL, 0, 3600, false,
	 "how many seconds lie between two of them to the same destination"},
    [SETTING_BULK_QUEUE_LIMIT] = {"bulk.queue_limit", SETTING_NUMBER, "100000", NULL, 20000,
				  10000000, false,
				  "how many messages and recipients Postfix has in work at least, "
				  "so that a campaign leaves room for others"},
    [SETTING_BULK_DETECT] = {"bulk.detect", SETTING_CHOICE, "off", "off|on", 0, 0, true,
			     "whether mail with List headers or Precedence bulk is bulk"},
    [SETTING_BULK_RECIPIENTS] = {"bulk.recipients", SETTING_NUMBER, "0", NULL, 0, 100000, true,
				 "of how many recipients on a message is bulk; 0: of none"},
    [SETTING_BULK_RETURN_PATH_DOMAIN] = {"bulk.return_path_domain", SETTING_DOMAIN, "", NULL, 0,
					 253, false,
					 "the domain of bulk mail's envelope senders, to which its "
					 "bounces come; empty: they stay as they are"},
    [SETTING_BULK_RETURN_PATH_DAYS] = {"bulk.return_path_days", SETTING_NUMBER, "14", NULL, 1, 90,
				       false,
				       "how long bounces of a message count: longer than mail may "
				       "be in queues"},
    [SETTING_BULK_LIST_UNSUBSCRIBE] =
	{"bulk.list_unsubscribe", SETTING_CHOICE, "add", "add|refuse|off", 0, 0, true,
	 "what happens to bulk mail without List-Unsubscribe; add: it "
	 "gets one with the URL or address of the next two settings"},
    [SETTING_BULK_UNSUBSCRIBE_URL] =
	{"bulk.unsubscribe_url", SETTING_URL, "", NULL, 0, 500, true,
	 "the https URL that List-Unsubscribe gets; {recipient} stands "
	 "for the recipient"},
    [SETTING_BULK_UNSUBSCRIBE_MAILTO] = {"bulk.unsubscribe_mailto", SETTING_ADDRESS, "", NULL, 0,
					 320, true, "the address that List-Unsubscribe gets"},
    [SETTING_ANTISPAM_TAG_SCORE] = {"antispam.tag_score", SETTING_SCORE, "6", NULL, SCORES, true,
				    "from this score on a message gets a header that says so"},
    [SETTING_ANTISPAM_SUSPECT_SCORE] =
	{"antispam.suspect_score", SETTING_SCORE, "10", NULL, SCORES, true,
	 "from this score on a message is suspicious: not signed, and "
	 "by antispam.suspect_group if at all"},
    [SETTING_ANTISPAM_TEMPFAIL_SCORE] = {"antispam.tempfail_score", SETTING_SCORE, "off", NULL,
					 SCORES, true,
					 "from this score on the tenant's server keeps a message"},
    [SETTING_ANTISPAM_QUARANTINE_SCORE] =
	{"antispam.quarantine_score", SETTING_SCORE, "off", NULL, SCORES, true,
	 "from this score on a message is held for the provider to "
	 "look at"},
    [SETTING_ANTISPAM_REJECT_SCORE] = {"antispam.reject_score", SETTING_SCORE, "15", NULL, SCORES,
				       true, "from this score on a message is refused"},
    [SETTING_ANTISPAM_ON_SUSPECT] = {"antispam.on_suspect", SETTING_CHOICE, "quarantine",
				     "tempfail|quarantine|reject", 0, 0, true,
				     "what happens to a suspicious message while there is no "
				     "antispam.suspect_group"},
    [SETTING_ANTISPAM_ON_FAILURE] =
	{"antispam.on_failure", SETTING_CHOICE, "tempfail", "tempfail|quarantine|accept", 0, 0,
	 true,
	 "what happens to a message that could not be checked for spam; "
	 "accept: with a header that says so"},
    [SETTING_ANTISPAM_REUSE_SECONDS] = {"antispam.reuse_seconds", SETTING_NUMBER, "300", NULL, 0,
					3600, true,
					"how long a clean verdict serves messages of the same "
					"campaign; 0: every message is asked for"},
    [SETTING_ANTISPAM_REUSE_MESSAGES] =
	{"antispam.reuse_messages", SETTING_NUMBER, "1000", NULL, 1, 100000, true,
	 "how many messages of a campaign one clean verdict serves"},
    [SETTING_ANTISPAM_REUSE_SAMPLE] =
	{"antispam.reuse_sample", SETTING_NUMBER, "40", NULL, 2, 1000, true,
	 "of how many messages of a campaign one is asked for all the "
	 "same"},
    [SETTING_ANTISPAM_ATTACHMENT_BYTES] =
	{"antispam.attachment_bytes", SETTING_NUMBER, "32768", NULL, 0, 1 << 30, true,
	 "how much of an attachment, as it stands in the message, rspamd is given; 0: all of it"},
    [SETTING_CONTENT_ON_EXECUTABLE] = {"content.on_executable", SETTING_CHOICE, "reject",
				       ANY_ACTION, 0, 0, true,
				       "what happens to programs, by extension and by content, in "
				       "archives too"},
    [SETTING_CONTENT_ON_DOUBLE_EXTENSION] = {"content.on_double_extension", SETTING_CHOICE,
					     "reject", ANY_ACTION, 0, 0, true,
					     "what happens to files like invoice.pdf.html"},
    [SETTING_CONTENT_ON_TURNED_NAME] = {"content.on_turned_name", SETTING_CHOICE, "reject",
					ANY_ACTION, 0, 0, true,
					"what happens to files whose name has characters that turn "
					"the direction of writing"},
    [SETTING_CONTENT_ON_MALFORMED] = {"content.on_malformed", SETTING_CHOICE, "reject", ANY_ACTION,
				      0, 0, true,
				      "what happens to a message that two readers may understand "
				      "differently"},
    [SETTING_CONTENT_ON_OVER_LIMIT] =
	{"content.on_over_limit", SETTING_CHOICE, "quarantine", ANY_ACTION, 0, 0, true,
	 "what happens to a message with more parts, levels or archive "
	 "members than are looked at"},
    [SETTING_CONTENT_ON_UNTIDY] = {"content.on_untidy", SETTING_CHOICE, "accept", ANY_ACTION, 0, 0,
				   true,
				   "what happens to a message with any flaw that the parser names"},
    [SETTING_CONTENT_ON_OVERSIZE] = {"content.on_oversize", SETTING_CHOICE, "reject", ANY_ACTION, 0,
				     0, true, "what happens to a message over content.max_size"},
    [SETTING_CONTENT_ON_MANY_RECIPIENTS] =
	{"content.on_many_recipients", SETTING_CHOICE, "reject", ANY_ACTION, 0, 0, true,
	 "what happens to a message over content.max_recipients"},
    [SETTING_CONTENT_ON_UNKNOWN] = {"content.on_unknown", SETTING_CHOICE, "av",
				    "av|tempfail|quarantine|accept", 0, 0, true,
				    "what happens to a message whose content could not be looked "
				    "into; av: as av.on_unknown and av.on_over_limit say; accept: "
				    "with a header that says so"},
    [SETTING_CONTENT_MAX_SIZE] =
	{"content.max_size", SETTING_NUMBER, "36700160", NULL, 0, INT64_C(1) << 40, true,
	 "octets that a message may have, 35 MiB carry an attachment of 25; "
	 "0: no limit"},
    [SETTING_CONTENT_MAX_RECIPIENTS] = {"content.max_recipients", SETTING_NUMBER, "500", NULL, 0,
					1000000, true,
					"recipients that a message may have; 0: no limit"},
    [SETTING_EGRESS_FALLBACK] = {"egress.fallback_group", SETTING_GROUP, "", NULL, 0, 40, false,
				 "the egress group that carries a group's mail while none of "
				 "its own addresses may; empty: the mail waits in the queue"},
};
