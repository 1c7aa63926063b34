# SPDX-License-Identifier: Apache-2.0
# Run by each build: writes OUT with the commit that is built, and leaves it alone when it is the same.
# COMMIT, if given, is taken as it is.
set(commit "unknown")
if(COMMIT)
  set(commit ${COMMIT})
else()
  find_package(Git QUIET)
endif()
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} describe --always --dirty --abbrev=12
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE told OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE failed ERROR_QUIET)
  if(NOT failed)
    set(commit ${told})
  endif()
endif()
configure_file(${SOURCE}/certs/version.cc.in ${OUT} @ONLY)
