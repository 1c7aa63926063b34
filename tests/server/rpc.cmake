# SPDX-License-Identifier: Apache-2.0
# The network side and the whole service on the memory engine; no RocksDB.
add_library(birthseal_test_server STATIC ../support/test_server.cc ../support/test_server.h)
target_link_libraries(birthseal_test_server
  PUBLIC birthseal_test_support birthseal_server_rpc birthseal_api_grpc birthseal_devpki)

birthseal_test(rpc_test
  SOURCES
    access/access_policy_test.cc access/client_directory_test.cc
    api/convert_test.cc api/feed_stream_test.cc api/field_checker_test.cc
    door/auth_processor_test.cc door/each_guard_test.cc
    host/config_fixture.h host/config_rows_test.cc host/config_test.cc
    host/event_log_test.cc
    ../support/call.h
    at_rest/fsck_trust_test.cc ${PROJECT_SOURCE_DIR}/server/at_rest/fsck_trust.cc
    server_app_test.cc
    api/good_requests.h api/request_fields_test.cc api/request_places.h
    door/grpc_status_test.cc door/rpc_gate_test.cc door/rpc_server_test.cc door/second_port.h
  LIBS birthseal_test_server)

# Use cases behind the conversion that every call takes.
birthseal_test(identity_test
  SOURCES api/identity_test.cc use_case/use_case_fixture.cc use_case/use_case_fixture.h
  LIBS birthseal_server_rpc birthseal_sealed_fixture)

# Only where the thread sanitizer is: the planted race must be found, so its report is what must be seen.
if(BIRTHSEAL_SANITIZE STREQUAL "tsan")
  add_executable(race_canary race_canary.cc)
  target_link_libraries(race_canary PRIVATE birthseal_use_cases birthseal_api_grpc)
  add_test(NAME race_canary_is_found COMMAND race_canary)
  set_tests_properties(race_canary_is_found PROPERTIES
    PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race")
endif()
