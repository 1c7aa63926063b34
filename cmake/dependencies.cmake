# SPDX-License-Identifier: Apache-2.0
# Every third-party library, by its Debian bookworm package (see ./dev setup).
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)                       # libprotobuf-dev
find_package(absl REQUIRED)                           # libabsl-dev
find_package(gRPC CONFIG REQUIRED)                    # libgrpc++-dev
find_package(OpenSSL REQUIRED)                        # libssl-dev
find_package(RocksDB CONFIG REQUIRED)                 # librocksdb-dev
find_package(GTest REQUIRED)                          # libgtest-dev libgmock-dev
find_package(ICU REQUIRED COMPONENTS uc i18n)         # libicu-dev
find_package(PkgConfig REQUIRED)
pkg_check_modules(BOTAN REQUIRED IMPORTED_TARGET botan-2)          # libbotan-2-dev
pkg_check_modules(FREETYPE REQUIRED IMPORTED_TARGET freetype2)     # libfreetype-dev
pkg_check_modules(CAIRO REQUIRED IMPORTED_TARGET cairo)            # libcairo2-dev
pkg_check_modules(QRCODEGEN REQUIRED IMPORTED_TARGET qrcodegencpp) # libqrcodegencpp-dev
pkg_check_modules(ZBAR REQUIRED IMPORTED_TARGET zbar)               # libzbar-dev: tests
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)           # libzstd-dev
pkg_check_modules(DEFLATE REQUIRED IMPORTED_TARGET libdeflate)     # libdeflate-dev
find_package(pugixml REQUIRED)                        # libpugixml-dev
find_package(CLI11 REQUIRED)                          # libcli11-dev
find_package(nlohmann_json REQUIRED)                  # nlohmann-json3-dev
