# Configuration, grpc side and the service itself.

add_library(birthseal_server_config STATIC
  config.cc config.h
  config_fields.cc config_fields.h
  config_sections.cc config_sections.h
  log.cc log.h)
target_link_libraries(birthseal_server_config
  PUBLIC birthseal_certs
  PRIVATE birthseal_storage_proto birthseal_api_proto OpenSSL::Crypto)

# The adapters: only their sources and generated code see grpc.
add_library(birthseal_server_rpc STATIC
  access_policy.cc access_policy.h
  auth_processor.cc auth_processor.h
  convert.cc convert.h
  convert_delivery.cc
  delivery_feed_service.cc delivery_feed_service.h
  admin_service.cc
  feed_stream.cc feed_stream.h
  field_checker.cc field_checker.h
  issuing_service.cc
  rpc_services.h
  sharing_service.cc
  transparency_service.cc
  verification_service.cc
  client_directory.cc client_directory.h
  grpc_status.cc grpc_status.h
  rpc_gate.cc rpc_gate.h
  rpc_server.cc rpc_server.h
  server_app.cc server_app.h)
target_link_libraries(birthseal_server_rpc
  PUBLIC birthseal_server_config birthseal_use_cases birthseal_api_proto
  PRIVATE birthseal_api_grpc)

# The service: the only binary that opens a store on disk and holds keys.
add_library(birthseald_main OBJECT main.cc
  fsck_trust.cc fsck_trust.h
  open_engine.cc open_engine.h
  store_commands.cc store_commands.h)
target_link_libraries(birthseald_main
  PUBLIC birthseal_server_rpc birthseal_store_rocksdb CLI11::CLI11)
add_executable(birthseald)
target_link_libraries(birthseald PRIVATE birthseald_main)
