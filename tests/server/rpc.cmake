# The network side and the whole service on the memory engine; no RocksDB.
add_library(birthseal_test_server STATIC ../support/test_server.cc ../support/test_server.h)
target_link_libraries(birthseal_test_server
  PUBLIC birthseal_test_support birthseal_server_rpc birthseal_api_grpc birthseal_devpki)

birthseal_test(rpc_test
  SOURCES
    ../support/call.h
    access_policy_test.cc
    auth_processor_test.cc
    client_directory_test.cc
    config_fixture.h
    config_rows_test.cc
    config_test.cc
    convert_test.cc
    each_guard_test.cc
    feed_stream_test.cc
    field_checker_test.cc
    fsck_trust_test.cc ${PROJECT_SOURCE_DIR}/server/fsck_trust.cc
    good_requests.h
    grpc_status_test.cc
    request_fields_test.cc
    request_places.h
    rpc_gate_test.cc
    rpc_server_test.cc
    second_port.h
    server_app_test.cc
  LIBS birthseal_test_server)

# Use cases behind the conversion that every call takes.
birthseal_test(identity_test
  SOURCES identity_test.cc use_case_fixture.cc use_case_fixture.h
  LIBS birthseal_server_rpc birthseal_sealed_fixture)

# Only where the thread sanitizer is: the planted race must be found, so its report is what must be seen.
if(BIRTHSEAL_SANITIZE STREQUAL "tsan")
  add_executable(race_canary race_canary.cc)
  target_link_libraries(race_canary PRIVATE birthseal_use_cases birthseal_api_grpc)
  add_test(NAME race_canary_is_found COMMAND race_canary)
  set_tests_properties(race_canary_is_found PROPERTIES
    PASS_REGULAR_EXPRESSION "ThreadSanitizer: data race")
endif()
