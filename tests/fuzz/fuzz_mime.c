/* SPDX-License-Identifier: BSD-2-Clause */
/* Any octets as a message: every part lies in memory that may be read, and the limits hold. */
#include "services/scanner/mime.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct sum {
	size_t shown;
	unsigned octets; /* keeps the reads from being optimized away */
};

static bool visit(void *context, const struct mime_part *part)
{
	struct sum *sum = context;

	sum->shown += part->length;
	for (size_t i = 0; i < part->length; i++)
		sum->octets += (unsigned char)part->data[i];
	sum->octets += (unsigned)strlen(part->name);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mime_limits limits = {
	    .parts = 200, .depth = 20, .decoded_bytes = 100000};
	struct mime_summary summary;
	struct sum sum = {0};
	const struct mime_visitor visitor = {.context = &sum, .part = visit};
	char *copy = malloc(size); /* so that a sanitizer sees a read past the end */

	if (copy == NULL && size > 0)
		return 0;
	if (size > 0)
		memcpy(copy, data, size);
	mime_walk(size > 0 ? copy : "", size, &limits, &visitor, &summary);
	if (sum.shown > limits.decoded_bytes || summary.parts > limits.parts)
		abort();
	free(copy);
	return sum.octets == 1 ? -1 : 0;
}
