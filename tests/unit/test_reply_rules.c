/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies as large receivers and common servers give them, each with what it means; and operators' own tables. */
#include "common/reply_rules.h"
#include "tests/unit/unit.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct error err;

struct sample {
	enum reply_class class;
	const char *text;
};

/* clang-format off */
static const struct sample samples[] = {
	/* Gmail */
	{REPLY_MAILBOX_UNKNOWN, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. For more information, go to 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser a640c23a62f3a-aa5 - gsmtp (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_FULL, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 452-4.2.2 The recipient's inbox is out of storage space. Please direct the 452-4.2.2 recipient to 452 4.2.2  https://support.google.com/mail/?p=OverQuotaTemp - gsmtp (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_DISABLED, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 550-5.2.1 The email account that you tried to reach is disabled. 550 5.2.1  https://support.google.com/mail/?p=DisabledUser - gsmtp (in reply to RCPT TO command)"},
	{REPLY_RATE, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating from 421-4.7.28 your IP address [192.0.2.10]. To protect our users from spam, mail sent from your IP address has been temporarily rate limited. - gsmtp (in reply to end of DATA command)"},
	{REPLY_RATE, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 450-4.2.1 The user you are trying to contact is receiving mail at a rate that 450-4.2.1 prevents additional messages from being delivered. 450 4.2.1  https://support.google.com/mail/?p=ReceivingRate - gsmtp (in reply to RCPT TO command)"},
	{REPLY_REPUTATION, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 550-5.7.1 [192.0.2.10      12] Gmail has detected that this message is likely 550-5.7.1 suspicious due to the very low reputation of the sending IP address. To 550-5.7.1 best protect our users from spam, the message has been blocked. - gsmtp (in reply to end of DATA command)"},
	{REPLY_REPUTATION, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 550-5.7.1 [192.0.2.10] Our system has detected that this message is 550-5.7.1 likely unsolicited mail. To reduce the amount of spam sent to Gmail, 550-5.7.1 this message has been blocked. - gsmtp (in reply to end of DATA command)"},
	{REPLY_AUTHENTICATION, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 550-5.7.26 This mail has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp (in reply to end of DATA command)"},
	{REPLY_AUTHENTICATION, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 550-5.7.26 Unauthenticated email from acme.example is not accepted due to domain's DMARC policy. - gsmtp (in reply to end of DATA command)"},
	{REPLY_AUTHENTICATION, "host gmail-smtp-in.l.google.com[2a00:1450::1a] said: 550-5.7.25 [2001:db8::7] The IP address sending this message does not have a 550-5.7.25 PTR record setup, or the corresponding forward DNS entry does not match the sending IP. - gsmtp (in reply to end of DATA command)"},
	{REPLY_CONTENT, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 552-5.7.0 This message was blocked because its content presents a potential 552-5.7.0 security issue. Please visit https://support.google.com/mail/?p=BlockedMessage - gsmtp (in reply to end of DATA command)"},
	{REPLY_SIZE, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 552-5.3.4 Your message exceeded Google's message size limits. - gsmtp (in reply to MAIL FROM command)"},
	{REPLY_TROUBLE, "host gmail-smtp-in.l.google.com[142.250.102.26] said: 421-4.3.0 Temporary System Problem.  Try again later (10). - gsmtp (in reply to DATA command)"},
	/* Outlook, Hotmail, Exchange Online */
	{REPLY_REPUTATION, "host hotmail-com.olc.protection.outlook.com[104.47.1.1] said: 550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140). You can also refer your provider to http://mail.live.com/mail/troubleshooting.aspx#errors. [Name=Protocol Filter Agent] (in reply to MAIL FROM command)"},
	{REPLY_REPUTATION, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.7.606 Access denied, banned sending IP [192.0.2.10]. To request removal from this list please visit https://sender.office.com/ and follow the directions. (in reply to RCPT TO command)"},
	{REPLY_REPUTATION, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.7.511 Access denied, banned sender[192.0.2.10]. To request removal from this list please forward this message to delist@messaging.microsoft.com (in reply to RCPT TO command)"},
	{REPLY_REPUTATION, "host outlook-com.olc.protection.outlook.com[104.47.1.1] said: 451 4.7.650 The mail server [192.0.2.10] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://aka.ms/postmaster (S775) (in reply to MAIL FROM command)"},
	{REPLY_LISTED, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.7.1 Service unavailable, Client host [192.0.2.10] blocked using Spamhaus. To request removal from this list see https://www.spamhaus.org/query/ip/192.0.2.10 (AS3130). (in reply to RCPT TO command)"},
	{REPLY_RATE, "host acme.mail.protection.outlook.com[104.47.1.1] said: 451 4.7.500 Server busy. Please try again later from [192.0.2.10]. (S77719) (AS843) (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.4.1 Recipient address rejected: Access denied. For more information see https://aka.ms/EXOSmtpErrors (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host eur.olc.protection.outlook.com[104.47.1.1] said: 550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient b@acme.example not found by SMTP address lookup (in reply to end of DATA command)"},
	{REPLY_MAILBOX_FULL, "host eur.olc.protection.outlook.com[104.47.1.1] said: 552 5.2.2 The email account that you tried to reach is over quota (in reply to RCPT TO command)"},
	{REPLY_AUTHENTICATION, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.7.515 Access denied, sending domain ACME.EXAMPLE doesn't meet the required authentication level. (in reply to end of DATA command)"},
	{REPLY_AUTHENTICATION, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.7.23 The message was rejected because of Sender Policy Framework violation (in reply to end of DATA command)"},
	{REPLY_LOOP, "host acme.mail.protection.outlook.com[104.47.1.1] said: 554 5.4.14 Hop count exceeded - possible mail loop ATTR34 (in reply to end of DATA command)"},
	{REPLY_RELAY_DENIED, "host acme.mail.protection.outlook.com[104.47.1.1] said: 550 5.7.64 TenantAttribution; Relay Access Denied (in reply to RCPT TO command)"},
	/* Yahoo, AOL */
	{REPLY_REPUTATION, "host mta7.am0.yahoodns.net[67.195.204.77] said: 421 4.7.0 [TSS04] Messages from 192.0.2.10 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes (in reply to MAIL FROM command)"},
	{REPLY_LISTED, "host mta7.am0.yahoodns.net[67.195.204.77] refused to talk to me: 553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.10, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html"},
	{REPLY_MAILBOX_UNKNOWN, "host mta5.am0.yahoodns.net[67.195.228.94] said: 552 1 Requested mail action aborted, mailbox not found (in reply to end of DATA command)"},
	{REPLY_MAILBOX_UNKNOWN, "host mta5.am0.yahoodns.net[67.195.228.94] said: 554 delivery error: dd This user doesn't have a yahoo.com account (b@yahoo.example) [0] - mta4255.mail.bf1.yahoo.com (in reply to end of DATA command)"},
	{REPLY_CONTENT, "host mta5.am0.yahoodns.net[67.195.228.94] said: 554 5.7.9 Message not accepted for policy reasons. Blocked as spam. See https://postmaster.yahooinc.com/error-codes (in reply to end of DATA command)"},
	/* GMX, web.de, T-Online, freenet, mail.ru, iCloud */
	{REPLY_AUTHENTICATION, "host mx00.emig.gmx.net[212.227.15.9] refused to talk to me: 554-gmx.net (mxgmx016) Nemesis ESMTP Service not available 554-No SMTP service 554-Bad DNS PTR resource record. 554 For explanation visit https://postmaster.gmx.net/en/case?c=rdns1"},
	{REPLY_REPUTATION, "host mx00.emig.gmx.net[212.227.15.9] refused to talk to me: 554-gmx.net (mxgmx109) Nemesis ESMTP Service not available 554-No SMTP service 554-IP address is block listed. 554 For explanation visit https://postmaster.gmx.net/en/case?c=hip&i=ip&v=192.0.2.10"},
	{REPLY_GREYLISTED, "host mx-ha02.web.de[212.227.17.8] said: 450 Requested mail action not taken: mailbox unavailable, greylisted, try again in 300 seconds (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host mx-ha02.web.de[212.227.17.8] said: 550 Requested action not taken: mailbox unavailable (in reply to RCPT TO command)"},
	{REPLY_RATE, "host mx-ha02.web.de[212.227.17.8] said: 450 4.7.0 Requested mail action not taken: too many messages from this sender, rate limit exceeded (in reply to MAIL FROM command)"},
	{REPLY_REPUTATION, "host mx00.t-online.de[194.25.134.8] refused to talk to me: 554 IP=192.0.2.10 - A problem occurred. Ask your postmaster for help or to contact tosa@rx.t-online.de for reset. (BL01)"},
	{REPLY_MAILBOX_FULL, "host emig.freenet.de[195.4.92.217] said: 552 5.2.2 mailbox quota exceeded for this recipient (in reply to RCPT TO command)"},
	{REPLY_CONTENT, "host mxs.mail.ru[94.100.180.31] said: 550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=abc or report details to abuse@corp.mail.ru. (in reply to end of DATA command)"},
	{REPLY_REPUTATION, "host mx01.mail.icloud.com[17.57.154.33] said: 550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137 (in reply to end of DATA command)"},
	{REPLY_LISTED, "host mx01.mail.icloud.com[17.57.154.33] refused to talk to me: 550 5.7.0 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.10"},
	/* Blocklists by name */
	{REPLY_LISTED, "host mx.dest.example[198.51.100.1] said: 554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.spamhaus.org; https://www.spamhaus.org/sbl/query/SBL123 (in reply to RCPT TO command)"},
	{REPLY_LISTED, "host mx.dest.example[198.51.100.1] said: 554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using bl.spamcop.net; Blocked - see https://www.spamcop.net/bl.shtml?192.0.2.10 (in reply to RCPT TO command)"},
	{REPLY_LISTED, "host mx.dest.example[198.51.100.1] said: 550-JunkMail rejected - mx.provider.example [192.0.2.10]:4242 is in an 550 RBL: https://www.barracudacentral.org/lookups (in reply to RCPT TO command)"},
	{REPLY_LISTED, "host mx.dest.example[198.51.100.1] said: 550 5.7.1 Mail from 192.0.2.10 refused, see http://www.uceprotect.net/rblcheck.php?ipr=192.0.2.10 (in reply to RCPT TO command)"},
	{REPLY_LISTED, "host mx.dest.example[198.51.100.1] said: 550 5.7.1 rejected because 192.0.2.10 is listed at combined.mail.abusix.zone (in reply to RCPT TO command)"},
	/* Proofpoint, Mimecast, Barracuda, Cisco, Sophos, Trend Micro, Cloudmark */
	{REPLY_REPUTATION, "host mx1.acme.iphmx.com[68.232.1.1] refused to talk to me: 554-esa1.acme.iphmx.com 554 Your access to this mail system has been rejected due to the sending MTA's poor reputation. If you believe that this failure is in error, please contact the intended recipient via alternate means."},
	{REPLY_LISTED, "host mx1-us1.ppe-hosted.com[148.163.129.50] said: 550 5.7.1 Service unavailable; client [192.0.2.10] blocked using dnsbl.proofpoint.com (in reply to RCPT TO command)"},
	{REPLY_REPUTATION, "host mx0a-001.pphosted.com[148.163.1.1] refused to talk to me: 554 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.10 for the reputation of this address"},
	{REPLY_POLICY, "host eu-smtp-inbound-1.mimecast.com[195.130.217.211] said: 550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550 (in reply to RCPT TO command)"},
	{REPLY_GREYLISTED, "host eu-smtp-inbound-1.mimecast.com[195.130.217.211] said: 451 Internal resource temporarily unavailable - greylisting active, see https://community.mimecast.com/docs/DOC-1369#451 (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host eu-smtp-inbound-1.mimecast.com[195.130.217.211] said: 550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 (in reply to RCPT TO command)"},
	{REPLY_VIRUS, "host eu-smtp-inbound-1.mimecast.com[195.130.217.211] said: 554 Email rejected due to security policies - virus signature detected - https://community.mimecast.com/docs/DOC-1369#554 (in reply to end of DATA command)"},
	{REPLY_CONTENT, "host d123.a.ess.barracudanetworks.com[209.222.82.1] said: 550 permanent failure for one or more recipients (b@dest.example:blocked): message content is spam (in reply to end of DATA command)"},
	{REPLY_REPUTATION, "host mx.dest.example[198.51.100.1] said: 421 4.7.1 <b@dest.example>: Sender IP 192.0.2.10 temporarily blocked by Cloudmark Sender Intelligence, poor reputation (in reply to RCPT TO command)"},
	{REPLY_RATE, "host smtp.secureserver.net[72.167.238.29] said: 421 p3plibsmtp ESMTP too many concurrent connections from 192.0.2.10 (in reply to MAIL FROM command)"},
	/* Postfix */
	{REPLY_MAILBOX_UNKNOWN, "host mx.dest.example[198.51.100.1] said: 550 5.1.1 <b@dest.example>: Recipient address rejected: User unknown in virtual mailbox table (in reply to RCPT TO command)"},
	{REPLY_GREYLISTED, "host mx.dest.example[198.51.100.1] said: 450 4.2.0 <b@dest.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/dest.example.html (in reply to RCPT TO command)"},
	{REPLY_RELAY_DENIED, "host mx.dest.example[198.51.100.1] said: 554 5.7.1 <b@dest.example>: Relay access denied (in reply to RCPT TO command)"},
	{REPLY_AUTHENTICATION, "host mx.dest.example[198.51.100.1] said: 450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.10] (in reply to RCPT TO command)"},
	{REPLY_TROUBLE, "host mx.dest.example[198.51.100.1] said: 451 4.3.0 <b@dest.example>: Temporary lookup failure (in reply to RCPT TO command)"},
	{REPLY_TROUBLE, "host mx.dest.example[198.51.100.1] said: 452 4.3.1 Insufficient system storage (in reply to MAIL FROM command)"},
	{REPLY_SIZE, "message size 31457280 exceeds size limit 26214400 of server mx.dest.example[198.51.100.1]"},
	{REPLY_VIRUS, "host mx.dest.example[198.51.100.1] said: 554 5.7.1 virus Eicar-Test-Signature detected by ClamAV - http://www.clamav.net (in reply to end of DATA command)"},
	{REPLY_CONTENT, "host mx.dest.example[198.51.100.1] said: 554 5.7.1 Spam message rejected (in reply to end of DATA command)"},
	{REPLY_CONTENT, "host mx.dest.example[198.51.100.1] said: 552 5.7.1 Attachment type .exe not allowed (in reply to end of DATA command)"},
	{REPLY_TLS, "host mx.dest.example[198.51.100.1] said: 530 5.7.0 Must issue a STARTTLS command first (in reply to MAIL FROM command)"},
	/* Exim, qmail, Exchange on premises, Sendmail */
	{REPLY_MAILBOX_UNKNOWN, "host mx.dest.example[198.51.100.1] said: 550 Unrouteable address (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host mx.dest.example[198.51.100.1] said: 550 No such person at this address (in reply to RCPT TO command)"},
	{REPLY_RELAY_DENIED, "host mx.dest.example[198.51.100.1] said: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1) (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host mx.dest.example[198.51.100.1] said: 550 sorry, no mailbox here by that name (#5.1.1 - chkuser) (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_FULL, "host mx.dest.example[198.51.100.1] said: 552 sorry, that recipient's mailbox is full (#5.2.2) (in reply to RCPT TO command)"},
	{REPLY_RELAY_DENIED, "host exch.dest.example[198.51.100.1] said: 550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain (in reply to RCPT TO command)"},
	{REPLY_TROUBLE, "host exch.dest.example[198.51.100.1] said: 452 4.3.1 Insufficient system resources (UsedDiskSpace) (in reply to MAIL FROM command)"},
	{REPLY_MAILBOX_UNKNOWN, "host mx.dest.example[198.51.100.1] said: 550 5.1.1 <b@dest.example>... User unknown (in reply to RCPT TO command)"},
	{REPLY_GREYLISTED, "host mx.dest.example[198.51.100.1] said: 451 4.7.1 Greylisting in action, please come back in 00:05:00 (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_DISABLED, "host mx.dest.example[198.51.100.1] said: 550 5.2.1 This mailbox has been disabled (in reply to RCPT TO command)"},
	{REPLY_POLICY, "host mx.dest.example[198.51.100.1] said: 550 5.7.1 Message rejected by local policy (in reply to end of DATA command)"},
	{REPLY_TROUBLE, "host mx.dest.example[198.51.100.1] said: 421 Service not available, closing transmission channel (in reply to MAIL FROM command)"},
	/* Words that must not be taken for the address' reputation */
	{REPLY_MAILBOX_DISABLED, "host mx.dest.example[198.51.100.1] said: 550 The email address is suspended (in reply to RCPT TO command)"},
	{REPLY_POLICY, "host mx.dest.example[198.51.100.1] said: 550 5.7.1 Recipient refused (in reply to RCPT TO command)"},
	{REPLY_POLICY, "host mx.dest.example[198.51.100.1] said: 550 5.7.1 Your membership was refused by the committee (in reply to RCPT TO command)"},
	{REPLY_MAILBOX_UNKNOWN, "host mx.dest.example[198.51.100.1] said: 550 5.1.1 No such user for 195.7.20.1 (in reply to RCPT TO command)"},
	{REPLY_TROUBLE, "host mx.dest.example[198.51.100.1] said: 451 4.3.2 Please try again later from 14.7.28.5 (in reply to RCPT TO command)"},
	{REPLY_REPUTATION, "host mx.dest.example[198.51.100.1] said: 554 5.7.1 <mx.provider.example[192.0.2.10]>: Client host rejected: Access denied (in reply to RCPT TO command)"},
	{REPLY_REPUTATION, "host mx.dest.example[198.51.100.1] said: 550 5.7.1 Your IP 192.0.2.10 is blocked (in reply to MAIL FROM command)"},
	/* Postfix's own words */
	{REPLY_CONNECTION, "connect to mx.dest.example[198.51.100.1]:25: Connection timed out"},
	{REPLY_CONNECTION, "connect to mx.dest.example[198.51.100.1]:25: Connection refused"},
	{REPLY_CONNECTION, "lost connection with mx.dest.example[198.51.100.1] while receiving the initial server greeting"},
	{REPLY_CONNECTION, "conversation with mx.dest.example[198.51.100.1] timed out while sending message body"},
	{REPLY_CONNECTION, "delivery temporarily suspended: connect to mx.dest.example[198.51.100.1]:25: No route to host"},
	{REPLY_DNS, "Host or domain name not found. Name service error for name=dest.example type=MX: Host not found, try again"},
	{REPLY_DNS, "Domain dest.example does not accept mail (nullMX)"},
	{REPLY_LOOP, "mail for dest.example loops back to myself"},
	{REPLY_TLS, "TLS is required, but was not offered by host mx.dest.example[198.51.100.1]"},
	{REPLY_TLS, "Cannot start TLS: handshake failure"},
	{REPLY_TLS, "Server certificate not trusted"},
	{REPLY_LOCAL, "4.7.1 easymail knows no egress address for this sender"},
	/* What nobody knows */
	{REPLY_OTHER, "host mx.dest.example[198.51.100.1] said: 599 xyzzy (in reply to RCPT TO command)"},
	{REPLY_TROUBLE, "host mx.dest.example[198.51.100.1] said: 451 xyzzy (in reply to RCPT TO command)"},
};
/* clang-format on */

static struct reply_rules *defaults(void)
{
	struct reply_rules *rules;

	ck_assert_msg(reply_rules_load("/nonexistent/replies", &rules, &err), "%s", err.text);
	return rules;
}

START_TEST(replies_of_the_world_mean_what_they_say)
{
	struct reply_rules *rules = defaults();
	size_t wrong = 0;

	ck_assert_uint_ge(COUNT(samples), 60);
	for (size_t i = 0; i < COUNT(samples); i++) {
		const struct reply_rule *rule = reply_rules_find(rules, samples[i].text);
		enum reply_class class = rule != NULL ? rule->class : REPLY_OTHER;

		if (class == samples[i].class)
			continue;
		printf("%s, not %s (rule %u): %s\n", reply_class_name(samples[i].class),
		       reply_class_name(class), rule != NULL ? rule->line : 0, samples[i].text);
		wrong++;
	}
	ck_assert_uint_eq(wrong, 0);
	reply_rules_free(rules);
}
END_TEST

START_TEST(what_was_taken_is_accepted_whatever_was_said)
{
	struct reply_rules *rules = defaults();

	ck_assert_int_eq(reply_rules_class(rules, "sent", "250 spam blocked using x.example"),
			 REPLY_ACCEPTED);
	ck_assert_int_eq(reply_rules_class(rules, "bounced", "550 5.1.1 no such user"),
			 REPLY_MAILBOX_UNKNOWN);
	ck_assert_int_eq(reply_rules_class(rules, "bounced", ""), REPLY_OTHER);
	reply_rules_free(rules);
}
END_TEST

/* The class that a table of one's own gives. */
static enum reply_class by(const char *table, const char *text)
{
	const struct reply_rule *rule;
	struct reply_rules *rules;
	enum reply_class class;

	ck_assert_msg(reply_rules_parse("own", table, &rules, &err), "%s", err.text);
	rule = reply_rules_find(rules, text);
	class = rule != NULL ? rule->class : REPLY_OTHER;
	reply_rules_free(rules);
	return class;
}

START_TEST(the_first_line_whose_code_and_pattern_fit_decides)
{
	static const char table[] =
	    "# own\n\nrate 421 slow\n  policy\t4xx\tslow  \r\nlisted 55x .\n"
	    "tls - ^slow$\ncontent * slow\n";

	ck_assert_int_eq(by(table, "421 slow"), REPLY_RATE);
	ck_assert_int_eq(by(table, "450-SLOW x 450 slow"), REPLY_POLICY);
	ck_assert_int_eq(by(table, "552 fast"), REPLY_LISTED);
	ck_assert_int_eq(by(table, "541 slow"), REPLY_CONTENT);
	ck_assert_int_eq(by(table, "slow"), REPLY_TLS);
	ck_assert_int_eq(by(table, "541 fast"), REPLY_OTHER);
}
END_TEST

START_TEST(only_the_receivers_own_words_are_looked_at)
{
	static const char table[] = "listed * spamhaus\nloop * in reply\nrate 4xx .";

	ck_assert_int_eq(by(table,
			    "host mx.spamhaus.example[192.0.2.1] said: 450 x (in reply to RCPT "
			    "TO command)"),
			 REPLY_RATE);
	ck_assert_int_eq(by(table, "delivery temporarily suspended: host a.b[192.0.2.1] refused to "
				   "talk to me: 450 x"),
			 REPLY_RATE);
	/* Words of the receiver that look like Postfix's. */
	ck_assert_int_eq(by(table, "450 host x said: spamhaus"), REPLY_LISTED);
	ck_assert_int_eq(by(table, "host a said: x said: 450 y"), REPLY_OTHER);
}
END_TEST

START_TEST(a_line_that_is_wrong_is_named_with_its_number)
{
	static const struct {
		const char *table, *words;
	} wrong[] = {
	    {"rate 4xx x\nrates 4xx x", "own:2: 'rates' is no class"},
	    {"rate 4x x", "own:1: '4x' is no code"},
	    {"rate 4x1 x", "is no code"},
	    {"rate 650 x", "is no code"},
	    {"rate", "is no code"},
	    {"rate *", "the pattern is missing"},
	    {"rate * (", "no regular expression"},
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct reply_rules *rules;

		ck_assert(!reply_rules_parse("own", wrong[i].table, &rules, &err));
		ck_assert_msg(strstr(err.text, wrong[i].words), "%s", err.text);
	}
}
END_TEST

START_TEST(an_operators_rules_come_before_those_of_easymail)
{
	char path[] = "/tmp/easymail-replies-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	const struct reply_rule *rule;
	struct reply_rules *rules;

	fputs("policy 550 ^550 5\\.1\\.1 Not here\n", file);
	fclose(file);
	ck_assert(reply_rules_load(path, &rules, &err));
	rule = reply_rules_find(rules, "550 5.1.1 Not here");
	ck_assert_ptr_nonnull(rule);
	ck_assert_int_eq(rule->class, REPLY_POLICY);
	ck_assert_str_eq(rule->source, path);
	ck_assert_uint_eq(rule->line, 1);
	rule = reply_rules_find(rules, "550 5.1.1 Nobody");
	ck_assert_str_eq(rule->source, "easymail");
	reply_rules_free(rules);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert(reply_rules_load(path, &rules, &err));
	reply_rules_free(rules);
	ck_assert(reply_rules_load(path, &rules, &err));
	reply_rules_free(rules);
	unlink(path);
	ck_assert(!reply_rules_load("/tmp", &rules, &err));
	ck_assert_ptr_nonnull(strstr(err.text, "/tmp"));
}
END_TEST

START_TEST(every_class_has_a_name_that_is_read_back)
{
	for (int i = 0; i < REPLY_CLASS_COUNT; i++) {
		enum reply_class class;

		ck_assert(reply_class_parse(reply_class_name((enum reply_class)i), &class));
		ck_assert_int_eq((int)class, i);
		ck_assert_uint_gt(strlen(reply_class_help((enum reply_class)i)), 10);
	}
}
END_TEST

UNIT_MAIN("reply_rules", replies_of_the_world_mean_what_they_say,
	  what_was_taken_is_accepted_whatever_was_said,
	  the_first_line_whose_code_and_pattern_fit_decides,
	  only_the_receivers_own_words_are_looked_at, a_line_that_is_wrong_is_named_with_its_number,
	  an_operators_rules_come_before_those_of_easymail,
	  every_class_has_a_name_that_is_read_back)
