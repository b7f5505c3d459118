# The near-duplicate corpus through its own scorer; ../shared is read in place.
add_test(NAME corpus.dedup
  COMMAND /usr/bin/python3 -B "${CMAKE_CURRENT_LIST_DIR}/dedup.py"
    --wiredesk $<TARGET_FILE:wiredesk> --shared "${PROJECT_SOURCE_DIR}/../shared")
set_tests_properties(corpus.dedup PROPERTIES LABELS corpus TIMEOUT 600 SKIP_RETURN_CODE 77)
