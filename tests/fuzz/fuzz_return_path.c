/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the local parts that strangers write to: only what we would write ourselves is genuine. */
#include "common/return_path.h"
#include "tests/fuzz/fuzz.h"
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[CRYPTO_MAC_KEY_BYTES] = {7};
	char *local = fuzz_text(data, size), again[RETURN_PATH_LOCAL_SIZE];
	struct return_path path;

	if (return_path_read(local, key, 20000, 14, &path) != RETURN_PATH_FORGED) {
		MUST(return_path_looks_like_one(local));
		return_path_write(&path, key, again);
		MUST(strcasecmp(local, again) == 0);
	} else {
		MUST(path.tenant_id == 0 && path.recipient == 0);
	}
	MUST(return_path_recipient(key, local) != 0);
	free(local);
	return 0;
}
