# Makes a C file of a text: cmake -DNAME=reply_defaults -DHEADER=common/… -DINPUT=… -DOUTPUT=… -P embed_text.cmake
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
file(WRITE ${OUTPUT} "/* Made by cmake/embed_text.cmake. */
#include \"${HEADER}\"

const char ${NAME}[] = {${bytes}0};
")
