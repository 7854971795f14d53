/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signs messages for the interoperability test: `dkim_probe rsa|ed25519 DOMAIN SELECTOR IN OUT …` makes a
 * key, prints the DNS record's p= and writes each IN with its signature on top to the OUT after it.
 */
#include "common/dkim_sign.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEADERS_MAX 1024

static char *read_file(const char *path, size_t *length_r)
{
	FILE *file = fopen(path, "rb");
	char *text;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
		perror(path);
		exit(1);
	}
	*length_r = (size_t)ftell(file);
	rewind(file);
	text = malloc(*length_r + 1);
	if (text == NULL || fread(text, 1, *length_r, file) != *length_r)
		exit(1);
	text[*length_r] = '\0';
	fclose(file);
	return text;
}

/* Cuts the header section into fields in place; the body is what remains. CRLF line ends. */
static char *split_headers(char *text, struct dkim_field *headers, size_t *count_r)
{
	*count_r = 0;
	while (*text != '\0' && strncmp(text, "\r\n", 2) != 0) {
		char *end = strstr(text, "\r\n"), *colon = strchr(text, ':');

		while (end != NULL && (end[2] == ' ' || end[2] == '\t'))
			end = strstr(end + 2, "\r\n");
		if (end == NULL || colon == NULL || colon > end || *count_r == HEADERS_MAX)
			exit(1);
		*end = *colon = '\0';
		headers[(*count_r)++] = (struct dkim_field){text, colon + 1};
		text = end + 2;
	}
	return *text == '\0' ? text : text + 2;
}

/* Chunks of odd sizes, so that line ends are cut in two. */
static void hash_body(const char *body, size_t length, unsigned char digest[CRYPTO_HASH_BYTES])
{
	struct canon_body *hash = canon_body_new();

	for (size_t at = 0, step = 1; at < length; at += step, step = step % 97 + 1)
		canon_body_add(hash, body + at, step < length - at ? step : length - at);
	canon_body_finish(hash, digest);
	canon_body_free(hash);
}

static void sign_file(struct dkim_request *request, const char *in, const char *out)
{
	static struct dkim_field headers[HEADERS_MAX];
	unsigned char digest[CRYPTO_HASH_BYTES];
	size_t length;
	char *text = read_file(in, &length), *whole = malloc(length + 1), *body, *value;
	struct error err;
	FILE *file;

	memcpy(whole, text, length + 1);
	body = split_headers(text, headers, &request->header_count);
	hash_body(body, length - (size_t)(body - text), digest);
	request->headers = headers;
	request->body_digest = digest;
	if (!dkim_signature_make(request, &value, &err)) {
		fprintf(stderr, "%s: %s\n", in, err.text);
		exit(1);
	}
	file = fopen(out, "wb");
	fputs("DKIM-Signature:", file);
	for (const char *at = value; *at != '\0'; at++) {
		if (*at == '\n')
			fputc('\r', file);
		fputc(*at, file);
	}
	fputs("\r\n", file);
	fwrite(whole, 1, length, file);
	fclose(file);
	free(value);
	free(whole);
	free(text);
}

int main(int argc, char **argv)
{
	struct dkim_request request = {.now = time(NULL)};
	struct crypto_key *key;
	struct error err;
	char *public;

	if (argc < 4)
		return 2;
	if (!crypto_key_generate(strcmp(argv[1], "rsa") == 0 ? CRYPTO_RSA : CRYPTO_ED25519, 2048,
				 &key, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	request.key = key;
	request.domain = argv[2];
	request.selector = argv[3];
	public = crypto_key_public_base64(key);
	printf("%s\n", public);
	free(public);
	for (int i = 4; i + 1 < argc; i += 2)
		sign_file(&request, argv[i], argv[i + 1]);
	crypto_key_free(key);
	return 0;
}
