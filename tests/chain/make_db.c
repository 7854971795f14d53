/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes an empty tenants.db at the path that is its argument. */
#include "common/store.h"
#include <stdio.h>

int main(int argc, char **argv)
{
	struct error err = {"usage: make_db PATH"};
	struct db *db;

	if (argc == 2 && store_open(argv[1], STORE_CREATE, 1000, &db, &err)) {
		store_close(db);
		return 0;
	}
	fprintf(stderr, "make_db: %s\n", err.text);
	return 1;
}
