/* SPDX-License-Identifier: BSD-2-Clause */
/* easymailctl notice: mails to tenants what the filters left word of. */
#include "common/domain.h"
#include "common/mailbox.h"
#include "common/setting_rows.h"
#include "ctl/notice_mail.h"
#include "ctl/nouns.h"
#include "ctl/output.h"
#include "ctl/run.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static const char *directory_of(const struct ctl *ctl)
{
	return config_text(ctl->config, "notices.directory");
}

struct listing {
	const char *directory;
	struct json *rows;
};

/* One that is gone meanwhile, or is none, is no row: `send` says what is wrong with it. */
static void append_notice(const char *name, bool sent, void *context)
{
	const struct listing *listing = context;
	struct json *object;
	struct notice notice;
	struct error err;

	if (!notice_read(listing->directory, name, &notice, &err))
		return;
	object = json_new_object();
	json_put_text(object, "name", name);
	json_put_text(object, "tenant", notice.fields[NOTICE_TENANT]);
	json_put_text(object, "signature", notice.fields[NOTICE_SIGNATURE]);
	json_put_text(object, "part", notice.fields[NOTICE_PART]);
	json_put_text(object, "from", notice.fields[NOTICE_SENDER]);
	json_put_text(object, "client", notice.fields[NOTICE_CLIENT]);
	json_put_text(object, "to", notice.fields[NOTICE_TO]);
	json_put_number(object, "found", (int64_t)notice.found);
	json_put_bool(object, "sent", sent);
	json_append(listing->rows, object);
	notice_free(&notice);
}

bool ctl_notice_list(struct ctl *ctl, struct error *err)
{
	struct listing listing = {directory_of(ctl), json_new_array()};

	if (!notice_each(listing.directory, append_notice, &listing, err)) {
		json_drop(listing.rows);
		return false;
	}
	output_list(ctl, "tenant signature from client to sent", listing.rows);
	return true;
}

struct sending {
	struct ctl *ctl;
	char hostname[DOMAIN_SIZE], from[SETTING_TEXT_SIZE];
	size_t sent, failed;
	struct error first; /* of the failures */
};

/* Who the mail is from: setting notice.from, else this host's postmaster. */
static bool read_sender(struct ctl *ctl, struct db *db, struct error *err)
{
	const char *configured = config_text(ctl->config, "hostname");
	struct sending *sending = ctl->context;
	char name[HOST_NAME_MAX + 1] = "";
	struct setting_row row;

	if (configured[0] == '\0' && gethostname(name, sizeof(name)) != 0)
		return error_set(err, "this host has no name; set option hostname");
	snprintf(sending->hostname, sizeof(sending->hostname), "%s",
		 configured[0] != '\0' ? configured : name);
	if (!setting_rows_get(db, NULL, setting_definitions[SETTING_NOTICE_FROM].name, &row, err))
		return false;
	if (row.value[0] != '\0')
		snprintf(sending->from, sizeof(sending->from), "%s", row.value);
	else
		snprintf(sending->from, sizeof(sending->from), "postmaster@%s", sending->hostname);
	return true;
}

/* Into Postfix's queue, as mail that nobody answers (RFC 3834 section 3.3). */
static bool submit(const struct sending *sending, const char *name, const struct notice *notice,
		   struct error *err)
{
	const char *config_directory =
	    config_text(sending->ctl->config, "postfix.config_directory");
	const struct notice_sender sender = {sending->from, sending->hostname};
	struct mailbox to;
	bool done;
	char *text;

	if (!mailbox_parse(notice->fields[NOTICE_TO], &to, err))
		return false;
	if (to.is_null)
		return error_set(err, "there is no address to send it to");
	text = notice_mail(&sender, name, notice, time(NULL));
	done = run_with_input((const char *const[]){"sendmail", "-C", config_directory, "-f", "",
						    "-i", "--", to.address, NULL},
			      text, err);
	free(text);
	return done;
}

static bool send_one(const struct sending *sending, const char *name, struct error *err)
{
	const char *directory = directory_of(sending->ctl);
	struct notice notice;
	bool done;

	if (!notice_read(directory, name, &notice, err))
		return false;
	done = submit(sending, name, &notice, err) && notice_mark_sent(directory, name, err);
	notice_free(&notice);
	return done;
}

static void send_unsent(const char *name, bool sent, void *context)
{
	struct sending *sending = context;
	struct error err;

	if (sent)
		return;
	if (send_one(sending, name, &err))
		sending->sent++;
	else if (sending->failed++ == 0)
		error_set(&sending->first, "%s: %.400s", name, err.text);
}

/* The directory, open and ours alone until it is closed: two runs would tell a tenant twice. */
static int lock_directory(const char *directory, struct error *err)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX) == 0)
		return fd;
	error_set(err, "%s: %s; see option notices.directory", directory, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool send_all(struct sending *sending, struct error *err)
{
	const char *directory = directory_of(sending->ctl);

	if (!notice_each(directory, send_unsent, sending, err) ||
	    !notice_purge(directory, time(NULL), err))
		return false;
	return sending->failed == 0 ||
	       error_set(err, "%zu notices were not sent, %zu were; the first: %.400s",
			 sending->failed, sending->sent, sending->first.text);
}

static bool prepare(struct ctl *ctl, struct sending *sending, struct error *err)
{
	ctl->context = sending;
	return ctl_read(ctl, read_sender, err);
}

bool ctl_notice_send(struct ctl *ctl, struct error *err)
{
	struct sending sending = {.ctl = ctl};
	bool done;
	int lock;

	if (!prepare(ctl, &sending, err))
		return false;
	lock = lock_directory(directory_of(ctl), err);
	if (lock < 0)
		return false;
	done = send_all(&sending, err);
	close(lock);
	if (done)
		output_done(ctl, "%zu notices sent", sending.sent);
	return done;
}
