# SPDX-License-Identifier: Apache-2.0
# The common headers, compiled once: they are most of what a source costs, and `./dev check` builds
# the whole tree three times more. Not in Release: there every source must name what it includes, and
# checkouts share what was compiled, which a precompiled header (it holds absolute paths) prevents.
add_compile_definitions(GTEST_HAS_PTHREAD=1)  # as GoogleTest's own targets say it: one header for all

function(birthseal_targets_below folder found)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(next ${below})
    birthseal_targets_below(${next} more)
    list(APPEND targets ${more})
  endforeach()
  set(${found} ${targets} PARENT_SCOPE)
endfunction()

function(birthseal_precompile_common_headers)
  file(WRITE ${PROJECT_BINARY_DIR}/precompiled.cc "// Its headers are what is wanted.\n")
  birthseal_targets_below(${PROJECT_SOURCE_DIR} targets)
  add_library(birthseal_precompiled OBJECT ${PROJECT_BINARY_DIR}/precompiled.cc)
  target_precompile_headers(birthseal_precompiled PRIVATE ${PROJECT_SOURCE_DIR}/cmake/precompiled.h)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(EXECUTABLE|(STATIC|OBJECT)_LIBRARY)$")
      target_precompile_headers(${target} REUSE_FROM birthseal_precompiled)
    endif()
  endforeach()
endfunction()
