/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of JSON values. */
#include "common/json.h"
#include "tests/unit/unit.h"
#include <string.h>

/* Compares what is written, and drops the value. */
static void expect(struct json *json, const char *expected)
{
	char *text = json_write(json);

	ck_assert_str_eq(text, expected);
	free(text);
	json_drop(json);
}

START_TEST(keys_stay_in_the_order_they_were_put)
{
	struct json *json = json_new_object(), *list = json_new_array();

	json_put_text(json, "z", "last letter");
	json_put_number(json, "a", INT64_MIN);
	json_put_bool(json, "yes", true);
	json_put_bool(json, "no", false);
	json_put_text(json, "none", NULL);
	json_append_text(list, "one");
	json_append(list, json_new_object());
	json_put(json, "list", list);
	expect(json, "{\"z\":\"last letter\",\"a\":-9223372036854775808,\"yes\":true,\"no\":false,"
		     "\"none\":null,\"list\":[\"one\",{}]}");
	json_drop(NULL);
}
END_TEST

START_TEST(any_octets_come_out_as_valid_text)
{
	struct json *json = json_new_array();

	json_append_text(json, "q\" b\\ n\n c\x01");
	json_append_text(json, "gr\xc3\xbc\xc3\x9f");
	json_append_text(json, "\xff"
			       "a\xc3");
	json_append_text(json, "");
	expect(json, "[\"q\\\" b\\\\ n\\n c\\u0001\",\"gr\xc3\xbc\xc3\x9f\",\"\xef\xbf\xbd"
		     "a\xef\xbf\xbd\",\"\"]");
}
END_TEST

START_TEST(reads_what_is_there_and_nothing_else)
{
	struct json *json;
	struct error err;
	const struct json *list;

	ck_assert(
	    json_parse("{\"t\":\"x\",\"n\":7,\"b\":true,\"l\":[1,{\"k\":\"v\"}]}", &json, &err));
	ck_assert_str_eq(json_get_text(json, "t"), "x");
	ck_assert_int_eq(json_get_number(json, "n"), 7);
	ck_assert(json_get_bool(json, "b"));
	list = json_get(json, "l");
	ck_assert_ptr_nonnull(list);
	ck_assert_uint_eq(json_count(list), 2);
	ck_assert_str_eq(json_get_text(json_at(list, 1), "k"), "v");
	ck_assert_ptr_null(json_at(list, 2));
	ck_assert_ptr_null(json_get(json, "absent"));
	ck_assert_str_eq(json_get_text(json, "n"), "");
	ck_assert_str_eq(json_get_text(json, "absent"), "");
	ck_assert_int_eq(json_get_number(json, "t"), 0);
	ck_assert(!json_get_bool(json, "n"));
	ck_assert_uint_eq(json_count(json), 0);
	json_drop(json);
}
END_TEST

START_TEST(refuses_what_is_not_json)
{
	static const char *const table[] = {
	    "",        "{",    "{\"a\":1,\"a\":2}", "{} x",
	    "{'a':1}", "[1,]", "{\"a\":\"\xff\"}",  "{\"a\":\"\\u0000\"}",
	};

	for (size_t i = 0; i < COUNT(table); i++) {
		struct json *json;
		struct error err = {""};

		ck_assert_msg(!json_parse(table[i], &json, &err), "%s", table[i]);
		ck_assert_msg(strncmp(err.text, "not JSON: line 1", 16) == 0, "%s", err.text);
	}
}
END_TEST

START_TEST(prints_indented_with_a_final_newline)
{
	struct json *json = json_new_object();
	FILE *file = tmpfile();
	char text[100];

	ck_assert_ptr_nonnull(file);
	json_put_number(json, "a", 1);
	json_print(json, file);
	json_drop(json);
	rewind(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	ck_assert_str_eq(text, "{\n  \"a\": 1\n}\n");
	fclose(file);
}
END_TEST

START_TEST(tells_numbers_that_are_none_from_those_that_are_not_there)
{
	struct json *json;
	struct error err;
	double number;

	ck_assert(json_parse("{\"r\":-1.5,\"i\":3,\"t\":\"4\",\"n\":null}", &json, &err));
	ck_assert_int_eq(json_get_real(json, "r", &number), FOUND_ONE);
	ck_assert(number == -1.5);
	ck_assert_int_eq(json_get_real(json, "i", &number), FOUND_ONE);
	ck_assert(number == 3);
	ck_assert_int_eq(json_get_real(json, "t", &number), FOUND_ERROR);
	ck_assert_int_eq(json_get_real(json, "n", &number), FOUND_ERROR);
	ck_assert_int_eq(json_get_real(json, "x", &number), FOUND_NONE);
	json_drop(json);
}
END_TEST

static bool until_b(const char *name, const struct json *value, void *context)
{
	char *text = json_write(value);

	strcat(strcat(context, name), text);
	free(text);
	return strcmp(name, "b") != 0;
}

START_TEST(walks_the_members_of_an_object_until_told_to_stop)
{
	struct json *json;
	struct error err;
	char seen[64] = "";

	ck_assert(json_parse("{\"o\":{\"a\":1,\"b\":[],\"c\":2},\"l\":[1]}", &json, &err));
	ck_assert_int_eq(json_each_member(json, "o", until_b, seen), FOUND_ONE);
	ck_assert_str_eq(seen, "a1b[]");
	ck_assert_int_eq(json_each_member(json, "l", until_b, seen), FOUND_ERROR);
	ck_assert_int_eq(json_each_member(json, "x", until_b, seen), FOUND_NONE);
	json_drop(json);
}
END_TEST

UNIT_MAIN("json", keys_stay_in_the_order_they_were_put, any_octets_come_out_as_valid_text,
	  reads_what_is_there_and_nothing_else, refuses_what_is_not_json,
	  prints_indented_with_a_final_newline,
	  tells_numbers_that_are_none_from_those_that_are_not_there,
	  walks_the_members_of_an_object_until_told_to_stop)
