/* SPDX-License-Identifier: BSD-2-Clause */
/* HTTP over a unix socket; the only file that knows libcurl. */
#include "milters/content/rspamd_client.h"
#include "milters/chain/memory.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_MAX    32 /* kept connections; those beyond are closed after use */
#define HEADER_SIZE 1100

struct rspamd_client {
	const char *socket_path;
	int timeout_ms;
	pthread_mutex_t lock; /* of what follows */
	size_t idle_count;
	CURL *idle[IDLE_MAX]; /* each with its connection; the last used first */
};

struct answer {
	char *text;
	size_t length, room;
	bool too_long;
};

bool rspamd_client_new(const char *socket_path, int timeout_ms, struct rspamd_client **client_r,
		       struct error *err)
{
	struct rspamd_client *client;

	if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
		return error_set(err, "libcurl does not start");
	client = memory_new(1, sizeof(*client));
	client->socket_path = socket_path;
	client->timeout_ms = timeout_ms;
	pthread_mutex_init(&client->lock, NULL);
	*client_r = client;
	return true;
}

void rspamd_client_free(struct rspamd_client *client)
{
	if (client == NULL)
		return;
	while (client->idle_count > 0)
		curl_easy_cleanup(client->idle[--client->idle_count]);
	pthread_mutex_destroy(&client->lock);
	free(client);
	curl_global_cleanup();
}

static size_t take(char *data, size_t size, size_t count, void *context)
{
	struct answer *answer = context;
	size_t length = size * count;

	if (length > RSPAMD_ANSWER_MAX - answer->length) {
		answer->too_long = true;
		return 0;
	}
	if (answer->length + length + 1 > answer->room) {
		answer->room = 2 * answer->room + length + 1;
		answer->text = memory_grow(answer->text, answer->room, 1);
	}
	memcpy(answer->text + answer->length, data, length);
	answer->length += length;
	answer->text[answer->length] = '\0';
	return length;
}

/* What is the same for every message. */
static CURL *open_handle(const struct rspamd_client *client)
{
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		return NULL;
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket_path);
	curl_easy_setopt(curl, CURLOPT_URL, "http://rspamd/checkv2");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)client->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	return curl;
}

static CURL *borrow(struct rspamd_client *client)
{
	CURL *curl = NULL;

	pthread_mutex_lock(&client->lock);
	if (client->idle_count > 0)
		curl = client->idle[--client->idle_count];
	pthread_mutex_unlock(&client->lock);
	return curl != NULL ? curl : open_handle(client);
}

static void give_back(struct rspamd_client *client, CURL *curl)
{
	pthread_mutex_lock(&client->lock);
	if (client->idle_count < IDLE_MAX) {
		client->idle[client->idle_count++] = curl;
		curl = NULL;
	}
	pthread_mutex_unlock(&client->lock);
	if (curl != NULL)
		curl_easy_cleanup(curl);
}

/* "Name: value" with all that could end a header taken out; nothing for "". */
static struct curl_slist *add_header(struct curl_slist *headers, const char *name,
				     const char *value)
{
	char line[HEADER_SIZE];
	struct curl_slist *longer;

	if (value[0] == '\0')
		return headers;
	snprintf(line, sizeof(line), "%s: %s", name, value);
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == '\x7f')
			*c = '?';
	}
	longer = curl_slist_append(headers, line);
	if (longer == NULL)
		abort();
	return longer;
}

static struct curl_slist *make_headers(const struct rspamd_query *query)
{
	/* libcurl would wait for "100 Continue", and call the message a form. */
	struct curl_slist *headers = add_header(NULL, "Content-Type", "message/rfc822");

	headers = curl_slist_append(headers, "Expect:");
	headers = add_header(headers, "From", query->sender[0] != '\0' ? query->sender : "<>");
	for (size_t i = 0; i < query->recipient_count; i++)
		headers = add_header(headers, "Rcpt", query->recipients[i]);
	headers = add_header(headers, "IP", query->client);
	headers = add_header(headers, "Hostname", query->client_name);
	headers = add_header(headers, "Helo", query->helo);
	headers = add_header(headers, "Queue-Id", query->queue_id);
	return add_header(headers, "User", query->tenant);
}

static bool judge(CURL *curl, CURLcode code, const struct answer *answer, struct error *err)
{
	long status = 0;

	if (answer->too_long)
		return error_set(err, "rspamd's answer is longer than %d octets",
				 RSPAMD_ANSWER_MAX);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return error_set(err, "rspamd gave no answer in time");
	if (code == CURLE_COULDNT_CONNECT)
		return error_set(err, "rspamd cannot be reached");
	if (code != CURLE_OK)
		return error_set(err, "rspamd: %s", curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return error_set(err, "rspamd answered with status %ld", status);
	if (answer->length == 0 || strlen(answer->text) != answer->length)
		return error_set(err, "rspamd's answer is no text");
	return true;
}

bool rspamd_client_ask(struct rspamd_client *client, const struct rspamd_query *query,
		       char **answer_r, struct error *err)
{
	struct answer answer = {0};
	struct curl_slist *headers;
	CURL *curl = borrow(client);
	bool done;

	if (curl == NULL)
		return error_set(err, "libcurl makes no handle");
	headers = make_headers(query);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, query->data);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)query->length);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	done = judge(curl, curl_easy_perform(curl), &answer, err);
	curl_slist_free_all(headers);
	if (done) {
		give_back(client, curl);
		*answer_r = answer.text;
		return true;
	}
	curl_easy_cleanup(curl); /* and with it a connection on which a late answer may come */
	free(answer.text);
	return false;
}
