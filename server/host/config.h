// SPDX-License-Identifier: Apache-2.0
// Configuration of birthseald: a textproto file (birthseal.storage.v1.ServerConfig) turned into a
// validated value. Certificates, keys and profiles are read here, once, so that a wrong path or key
// is found before anything starts. Fonts are large and only looked at; the seals and the high-water
// file are read later.
//
// Errors: kInvalidArgument "CONFIG_INVALID"; the message has one line for each fault: the field,
// the rule it breaks and what to do. Key bytes stand in no message. Thread-safe: immutable value.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "certs/digest.h"
#include "certs/limits.h"
#include "certs/profile.h"

namespace birthseal::server {

struct TlsConfig {
  std::string certificate_pem, private_key_pem, client_ca_pem;  // contents
};

struct StoreConfig {
  std::string directory;
  std::string journal_directory;  // empty: none
  uint64_t min_free_bytes = 0;    // 0: free space is not watched
  std::string backup_directory;   // empty: no backups on request
  bool ack_witnessed = false;     // issue and revocation are answered when a quorum has cosigned
  bool in_memory = false;         // tests only
};

struct KeysConfig {
  std::string seal_directory;
  std::string key_encryption_key;  // 16 bytes
  std::string index_key;           // 32 bytes
  std::string log_key_pem;         // contents, PKCS#8; SM2
  std::string log_ed25519_key_pem;
  std::string vrf_key_pem;  // P-256
  std::string log_name;
  std::string high_water_file;  // path
};

struct WitnessKey {
  std::string name;
  std::string public_key_pem;  // contents; Ed25519 or SM2
  certs::Digest client_sm3{};  // SM3 of the DER of its TLS certificate
};

struct WitnessesConfig {
  std::vector<WitnessKey> keys;
  size_t quorum = 0;                                                // 0: there are no witnesses
  absl::Duration alarm = absl::Minutes(5), stop = absl::Hours(24);  // without a quorum
};

struct TrustConfig {
  std::string seal_makers_pem, signers_pem, time_stamps_pem;  // contents
};

struct FontPaths {
  std::string value, title, rare;
};

// A client that is known before the first PutClient: who may register the others.
struct BootstrapClient {
  certs::Digest certificate_sm3{};  // SM3 of the DER of the TLS certificate
  std::string organisation_code;
  std::vector<int> roles;  // birthseal.v1.Role
};

struct Limits {
  int worker_threads = 0;   // 0: 16 for each core
  int queue_length = 1024;  // waiting calls
  int max_message_bytes = certs::kMaxMessage;
  int ledger_queue = 8192;       // waiting commands, per lane
  int verification_threads = 0;  // 0: one for each core, at most 8
  int verification_queue = 64;   // waiting files
  absl::Duration drain = absl::Seconds(20);
};

struct Config {
  std::string listen;
  std::string port_file;
  TlsConfig tls;
  StoreConfig store;
  KeysConfig keys;
  WitnessesConfig witnesses;
  TrustConfig trust;
  FontPaths fonts;
  std::map<std::string, certs::Profile> profiles;      // by name
  std::map<std::string, certs::Digest> profile_files;  // SM3 of each file, by name of the profile
  std::string default_profile;
  std::vector<BootstrapClient> bootstrap_clients;
  Limits limits;
  bool allow_crash_points = false;  // kill tests only: BIRTHSEAL_CRASH_POINT is obeyed
};

// `text` is the textproto; relative paths are taken from `base_directory`.
absl::StatusOr<Config> ParseConfig(absl::string_view text, absl::string_view base_directory);
// Errors: also kNotFound, the file itself cannot be read.
absl::StatusOr<Config> LoadConfig(const std::string& path);

}  // namespace birthseal::server
