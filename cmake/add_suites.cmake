# Read by ctest itself (testing.cmake): one test for each suite of `program`.

if(NOT EXISTS "${program}")
  add_test("${program}" "${program}")  # which says that it was not built
  return()
endif()
execute_process(COMMAND "${program}" --gtest_list_tests OUTPUT_VARIABLE listed RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${program} cannot list its tests: ${status}")
endif()
# A suite stands at the beginning of its line and ends with a dot, its cases are indented.
string(REGEX MATCHALL "(^|\n)[^ \n][^ \n]*\\.[^\n]*" suites "${listed}")
foreach(line IN LISTS suites)
  string(REGEX REPLACE "^\n|\\.( .*)?$" "" suite "${line}")
  add_test("${suite}" "${program}" "--gtest_filter=${suite}.*" --gtest_brief=1)
  set_tests_properties("${suite}" PROPERTIES TIMEOUT 300)
endforeach()
