# Configuration, grpc side and the service itself.

add_library(birthseal_server_config STATIC config.cc config.h log.cc log.h)
target_link_libraries(birthseal_server_config
  PUBLIC birthseal_certs
  PRIVATE birthseal_storage_proto birthseal_api_proto OpenSSL::Crypto)

# The adapters: only their sources and generated code see grpc.
add_library(birthseal_server_rpc STATIC
  access_policy.cc access_policy.h
  auth_processor.cc auth_processor.h
  client_directory.cc client_directory.h
  grpc_status.cc grpc_status.h
  rpc_gate.cc rpc_gate.h)
target_link_libraries(birthseal_server_rpc
  PUBLIC birthseal_server_config birthseal_store birthseal_api_proto
  PRIVATE birthseal_api_grpc)
