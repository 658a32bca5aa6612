# How ctest finds the cases of a GoogleTest program: each runs in a process of its own, so that none
# leans on another. With a sanitizer the start of a process takes longer than most cases: there a
# suite shares one.

include(GoogleTest)

function(jumper_discover_tests target)
  if(JUMPER_SANITIZE)
    set(found_by "${CMAKE_CURRENT_BINARY_DIR}/${target}_suites.cmake")
    file(GENERATE OUTPUT "${found_by}" CONTENT
         "set(program \"$<TARGET_FILE:${target}>\")\ninclude(\"${PROJECT_SOURCE_DIR}/cmake/add_suites.cmake\")\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${found_by}")
  else()
    gtest_discover_tests(${target} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
  endif()
endfunction()
