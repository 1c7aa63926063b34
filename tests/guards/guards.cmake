# SPDX-License-Identifier: Apache-2.0
# Read by project() of the instrumented copy alone (CMAKE_PROJECT_INCLUDE): every program there links
# the runtime. The project's own CMake files know nothing of guards.
add_library(birthseal_guards STATIC ${CMAKE_CURRENT_LIST_DIR}/runtime.cc)
target_include_directories(birthseal_guards PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_features(birthseal_guards PRIVATE cxx_std_17)
link_libraries(birthseal_guards)
set(BIRTHSEAL_COMMIT "instrumented")  # another commit is no other program
