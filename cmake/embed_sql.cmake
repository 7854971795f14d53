# Makes a C file of a schema's migrations: cmake -DSCHEMA=tenants -DFOLDER=… -DOUTPUT=… -P embed_sql.cmake
# The number before the first `_` of a file's name is the schema version that it leads to.
file(GLOB files ${FOLDER}/[0-9][0-9][0-9]_*.sql)
list(SORT files)
set(texts "")
set(rows "")
set(last 0)
foreach(file ${files})
	get_filename_component(name ${file} NAME_WE)
	string(REGEX MATCH "^0*([0-9]+)_" unused ${name})
	set(version ${CMAKE_MATCH_1})
	if(NOT version GREATER last)
		message(FATAL_ERROR "${file}: version ${version} is taken")
	endif()
	set(last ${version})
	file(READ ${file} hex HEX)
	string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
	string(APPEND texts "static const char text_${version}[] = {${bytes}0};\n")
	string(APPEND rows "\t{${version}, \"${name}\", text_${version}},\n")
endforeach()
if(NOT rows)
	message(FATAL_ERROR "${FOLDER}: no NNN_name.sql here")
endif()
file(WRITE ${OUTPUT} "/* Made by cmake/embed_sql.cmake. */
#include \"common/db.h\"

${texts}
const struct db_migration db_migrations_${SCHEMA}[] = {
${rows}\t{0, NULL, NULL},
};
")
