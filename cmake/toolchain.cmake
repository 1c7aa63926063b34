# SPDX-License-Identifier: Apache-2.0
# What makes the build quick (ccache, lld) and strict (warnings, sanitizers).
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Paths relative to the checkout, so that checkouts share what was compiled; said here, so that it
  # holds whoever runs ninja.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE_PROGRAM})
endif()

find_program(LLD_PROGRAM NAMES ld.lld ld.lld-14)
if(LLD_PROGRAM AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()

# Debug information stays out of Release: it doubles the time to link.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -fno-omit-frame-pointer")
add_compile_options(-pthread -Wall -Wextra -Wno-unused-parameter -fstack-protector-strong)
add_compile_definitions(_GLIBCXX_ASSERTIONS)

# BIRTHSEAL_SANITIZE: address+undefined ("asan"), "tsan", "fuzz" or empty.
set(BIRTHSEAL_SANITIZE "" CACHE STRING "asan, tsan, fuzz or empty")
if(BIRTHSEAL_SANITIZE STREQUAL "asan")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
elseif(BIRTHSEAL_SANITIZE STREQUAL "tsan")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(BIRTHSEAL_SANITIZE STREQUAL "fuzz")
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()

# A closed room looks behind no type: its casts are named, so that review and the checks of the layers
# see them.
function(birthseal_closed library)
  target_compile_options(${library} PRIVATE -Werror=old-style-cast)
endfunction()

# Every object of these libraries is linked, needed or not: a second definition of anything is then an
# error. Of an archive only what is still missing is taken, so that the first definition wins.
function(birthseal_link_whole program)
  list(JOIN ARGN "," libraries)
  set_property(TARGET ${program} PROPERTY LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,${libraries}")
endfunction()

include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/gen)
