# The conformance documents through their own scorer, and the hostile ones by their manifest;
# ../shared is read in place.
add_test(NAME corpus.parsing
  COMMAND /usr/bin/python3 -B "${CMAKE_CURRENT_LIST_DIR}/parsing.py"
    --wiredesk $<TARGET_FILE:wiredesk> --shared "${PROJECT_SOURCE_DIR}/../shared"
    --exceptions "${PROJECT_SOURCE_DIR}/tests/data/parsing-exceptions.tsv")
set_tests_properties(corpus.parsing PROPERTIES LABELS corpus TIMEOUT 600 SKIP_RETURN_CODE 77)

add_executable(parse_everywhere "${CMAKE_CURRENT_LIST_DIR}/parse_everywhere.c")
target_link_libraries(parse_everywhere PRIVATE wd_flags wd::parsers)
add_test(NAME corpus.badfeeds
  COMMAND /usr/bin/python3 -B "${CMAKE_CURRENT_LIST_DIR}/badfeeds.py"
    --wiredesk $<TARGET_FILE:wiredesk> --everywhere $<TARGET_FILE:parse_everywhere>
    --release "${PROJECT_SOURCE_DIR}/build/release/wiredesk"
    --shared "${PROJECT_SOURCE_DIR}/../shared")
# 140 documents cut at every byte, with sanitizers: 883 s on a machine that others use as well.
set_tests_properties(corpus.badfeeds PROPERTIES LABELS corpus TIMEOUT 1200 SKIP_RETURN_CODE 77)
