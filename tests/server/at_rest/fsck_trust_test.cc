// SPDX-License-Identifier: Apache-2.0
// What fsck --signatures trusts: each key and anchor that cannot be one is named by its field.
#include "server/at_rest/fsck_trust.h"

#include <functional>
#include <string>

#include "signer/devpki/dev_pki.h"
#include "tests/server/host/config_fixture.h"

namespace birthseal::server {
namespace {

using absl::StatusCode;
using signer::KeyAlgorithm;
using signer::PrivateKey;
using tests::StatusIs;

class FsckTrustTest : public ConfigTest {
 protected:
  static std::string Pem(KeyAlgorithm algorithm) {
    return signer::devpki::PrivateKeyPem(*PrivateKey::Generate(algorithm));
  }
  static std::string PublicPem(KeyAlgorithm algorithm) {
    return signer::devpki::PublicKeyPem(*PrivateKey::Generate(algorithm));
  }
};

TEST_F(FsckTrustTest, EachKeyAndAnchorThatIsNoneIsNamed) {
  const absl::StatusOr<Config> good = Parse(Good());
  ASSERT_OK(good);
  EXPECT_OK(FsckTrustOf(*good, absl::Now()));
  const std::string no_certificate =
      "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n";
  const auto witness = [](Config* config, const std::string& name, const std::string& pem) {
    WitnessKey key;
    key.name = name;
    key.public_key_pem = pem;
    config->witnesses.keys = {key};
  };
  const struct {
    const char* field;
    const char* reason;
    std::function<void(Config*)> spoil;
  } kRows[] = {
      {"keys.log_key_pem", "PRIVATE_KEY_UNREADABLE",
       [](Config* config) { config->keys.log_key_pem = "no key"; }},
      {"keys.log_key_pem", "NOTE_KEY",
       [](Config* config) { config->keys.log_key_pem = Pem(KeyAlgorithm::kP256); }},
      {"keys.log_key_pem", "NOTE_KEY_NAME",
       [](Config* config) { config->keys.log_name = "a name"; }},
      {"keys.log_ed25519_key_pem", "PRIVATE_KEY_UNREADABLE",
       [](Config* config) { config->keys.log_ed25519_key_pem = "no key"; }},
      {"keys.log_ed25519_key_pem", "NOTE_KEY",
       [](Config* config) { config->keys.log_ed25519_key_pem = Pem(KeyAlgorithm::kSm2); }},
      {"witnesses.keys", "NOTE_KEY",
       [&](Config* config) { witness(config, "police.example", "no key"); }},
      {"witnesses.keys", "NOTE_KEY",
       [&](Config* config) { witness(config, "police.example", PublicPem(KeyAlgorithm::kP256)); }},
      {"witnesses.keys", "NOTE_KEY_NAME",
       [&](Config* config) { witness(config, "a name", PublicPem(KeyAlgorithm::kSm2)); }},
      {"trust.seal_makers_pem", "TRUST_CERTIFICATE",
       [&](Config* config) { config->trust.seal_makers_pem = no_certificate; }},
      {"trust.signers_pem", "TRUST_CERTIFICATE",
       [&](Config* config) { config->trust.signers_pem = no_certificate; }},
      {"trust.time_stamps_pem", "TRUST_CERTIFICATE",
       [&](Config* config) { config->trust.time_stamps_pem = no_certificate; }},
  };
  for (const auto& row : kRows) {
    Config config = *good;
    row.spoil(&config);
    const absl::Status refused = FsckTrustOf(config, absl::Now()).status();
    EXPECT_THAT(refused, StatusIs(StatusCode::kInvalidArgument, row.reason)) << row.field;
    EXPECT_EQ(certs::FieldOf(refused), row.field) << row.reason;
  }
}

}  // namespace
}  // namespace birthseal::server
