/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes an empty tenants.db, and the suppression list that the configuration names. */
#include "common/config.h"
#include "common/suppression.h"
#include <stdio.h>

static bool make_list(const char *config_path, struct error *err)
{
	struct suppressions *suppressions;
	struct config *config;
	bool done;

	if (!config_load(config_path, &config, err))
		return false;
	done = suppressions_open(config, STORE_CREATE, &suppressions, err);
	if (done)
		suppressions_close(suppressions);
	config_free(config);
	return done;
}

int main(int argc, char **argv)
{
	struct error err = {"usage: make_db PATH CONFIG"};
	struct db *db;

	if (argc == 3 && store_open(argv[1], STORE_CREATE, 1000, &db, &err)) {
		store_close(db);
		if (make_list(argv[2], &err))
			return 0;
	}
	fprintf(stderr, "make_db: %s\n", err.text);
	return 1;
}
