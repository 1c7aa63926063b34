# Configuration, grpc side and the service itself.

add_library(birthseal_server_config STATIC config.cc config.h)
target_link_libraries(birthseal_server_config
  PUBLIC birthseal_certs
  PRIVATE birthseal_storage_proto birthseal_api_proto OpenSSL::Crypto)
