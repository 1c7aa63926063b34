// SPDX-License-Identifier: Apache-2.0
// A good configuration over a development PKI that is made once for all tests of a suite.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "server/host/config.h"
#include "signer/devpki/pki_directory.h"
#include "tests/support/places.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_server.h"

namespace birthseal::server {

class ConfigTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = new tests::TempDir;
    const absl::Time now = absl::Now();
    signer::devpki::PkiRequest request;
    request.directory = directory_->path();
    request.institutions = {{tests::kHospital, "云岭县人民医院", "云岭县", false}};
    request.now = now;
    ASSERT_OK(signer::devpki::WritePkiDirectory(request));
    const auto authority = signer::devpki::MakeTlsAuthority(now);
    const auto identity = signer::devpki::MakeTlsIdentity(*authority, "a", now);
    const auto other = signer::devpki::MakeTlsIdentity(*authority, "b", now);
    tests::WriteFile(directory_->Join("tls/a.pem"),
                     signer::devpki::CertificatePem(identity->certificate));
    tests::WriteFile(directory_->Join("tls/a.key"), signer::devpki::PrivateKeyPem(*identity->key));
    tests::WriteFile(directory_->Join("tls/b.key"), signer::devpki::PrivateKeyPem(*other->key));
    tests::WriteFile(directory_->Join("short.hex"), "0011223344");
    tests::WriteFile(directory_->Join("empty"), "");
    tests::WriteFile(directory_->Join("none.pem"),
                     "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n");
  }
  static void TearDownTestSuite() { delete directory_; }

  static std::string Good() {
    constexpr char kGood[] = R"(listen: "127.0.0.1:0"
tls { certificate_pem: "tls/a.pem" private_key_pem: "tls/a.key" client_ca_pem: "tls/ca.pem" }
store { in_memory: true ack: LOCAL }
keys { seal_directory: "seals" key_encryption_key_file: "keys/kek.hex" log_key_pem: "keys/log.pem"
       log_name: "birthseal.test/log" index_key_file: "keys/index.hex"
       log_ed25519_key_pem: "keys/log-ed25519.pem" vrf_key_pem: "keys/vrf.pem"
       high_water_file: "high-water" }
trust { seal_makers_pem: "trust/seal-makers.pem" signers_pem: "trust/signers.pem" }
profiles: "PROFILES/national-default.textproto"
bootstrap_clients { certificate_pem: "tls/a.pem" organisation_code: "11529901009900179R"
                    roles: "ADMINISTRATOR" }
)";
    return absl::StrReplaceAll(
        kGood, {{"PROFILES", absl::StrCat(BIRTHSEAL_SOURCE_DIR, "/deploy/profiles")}});
  }
  static absl::StatusOr<Config> Parse(const std::string& text) {
    return ParseConfig(text, directory_->path());
  }
  static bool Refuses(const std::string& text) {
    const absl::StatusOr<Config> config = Parse(text);
    return config.status().code() == absl::StatusCode::kInvalidArgument &&
           certs::ReasonOf(config.status()) == "CONFIG_INVALID";
  }
  // What is said, one line for each fault.
  static std::string Said(const std::string& text) {
    return std::string(Parse(text).status().message());
  }

  static inline tests::TempDir* directory_ = nullptr;
};

}  // namespace birthseal::server
