# SPDX-License-Identifier: Apache-2.0
# Configuration, grpc side and the service itself.

add_library(birthseal_server_config STATIC
  host/config.cc host/config.h host/config_fields.cc host/config_fields.h
  host/config_sections.cc host/config_sections.h host/event_log.cc host/event_log.h)
target_link_libraries(birthseal_server_config
  PUBLIC birthseal_certs
  PRIVATE birthseal_storage_proto birthseal_api_proto OpenSSL::Crypto)

# The adapters: only their sources and generated code see grpc.
add_library(birthseal_server_rpc STATIC
  parts.h parts_keys.cc parts_network.cc parts_rooms.cc parts_store.cc parts_watch.cc
  parts_witnessing.cc server_app.cc server_app.h
  access/access_policy.cc access/access_policy.h
  access/client_directory.cc access/client_directory.h
  api/admin_service.cc api/convert.cc api/convert.h api/convert_delivery.cc
  api/delivery_feed_service.cc api/feed_streams.h api/feed_stream.cc api/feed_stream.h
  api/field_checker.cc api/field_checker.h api/issuing_acts.cc api/issuing_acts.h
  api/issuing_service.cc api/services.h
  api/sharing_service.cc api/transparency_service.cc api/verification_service.cc
  door/auth_processor.cc door/auth_processor.h door/grpc_status.cc door/grpc_status.h
  door/rpc_gate.cc door/rpc_gate.h door/rpc_server.cc door/rpc_server.h)
target_link_libraries(birthseal_server_rpc
  PUBLIC birthseal_server_config birthseal_use_cases birthseal_api_proto
  PRIVATE birthseal_api_grpc)

# The service: the only binary that opens a store on disk and holds keys.
add_library(birthseald_main OBJECT main.cc
  at_rest/fsck_trust.cc at_rest/fsck_trust.h at_rest/open_engine.cc at_rest/open_engine.h
  at_rest/offline_commands.cc at_rest/offline_commands.h)
target_link_libraries(birthseald_main
  PUBLIC birthseal_server_rpc birthseal_store_rocksdb birthseal_version CLI11::CLI11)
add_executable(birthseald)
target_link_libraries(birthseald PRIVATE birthseald_main)
birthseal_link_whole(birthseald
  birthseal_server_rpc birthseal_server_config birthseal_use_cases birthseal_signer
  birthseal_verifier birthseal_store birthseal_store_rocksdb birthseal_ofd birthseal_certs)
