// SPDX-License-Identifier: Apache-2.0
#include "server/host/config.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/host/config_fixture.h"
#include "tests/support/places.h"

namespace birthseal::server {
namespace {

using testing::HasSubstr;
using tests::StatusIs;

TEST_F(ConfigTest, AGoodFileGivesEveryValue) {
  const absl::StatusOr<Config> config = Parse(Good());
  ASSERT_OK(config);
  EXPECT_EQ(config->keys.key_encryption_key.size(), 16u);
  EXPECT_EQ(config->keys.index_key.size(), 32u);
  EXPECT_EQ(config->default_profile, "national-default");
  EXPECT_EQ(config->limits.queue_length, 1024);
  EXPECT_EQ(config->limits.verification_threads, 0);
  EXPECT_EQ(config->limits.verification_queue, 64);
  ASSERT_EQ(config->bootstrap_clients.size(), 1u);
  EXPECT_NE(config->bootstrap_clients[0].certificate_sm3, certs::Digest{});
}

TEST_F(ConfigTest, EachFaultNamesItsField) {
  const struct {
    const char* from;
    const char* to;
    const char* field;
  } kCases[] = {
      {"127.0.0.1:0", "127.0.0.1", "listen:"},
      {"127.0.0.1:0", "127.0.0.1:65536", "listen:"},
      {"private_key_pem: \"tls/a.key\"", "private_key_pem: \"tls/b.key\"", "tls.private_key_pem:"},
      {"client_ca_pem: \"tls/ca.pem\"", "client_ca_pem: \"no/such\"", "tls.client_ca_pem:"},
      {"client_ca_pem: \"tls/ca.pem\"", "", "tls.client_ca_pem:"},
      {"in_memory: true ", "", "store.directory:"},
      {"ack: LOCAL", "", "store.ack:"},
      {"ack: LOCAL", "ack: JOURNALED", "store.journal_directory:"},
      {"keys/kek.hex", "keys/index.hex", "keys.key_encryption_key_file:"},
      {"keys/index.hex", "short.hex", "keys.index_key_file:"},
      {"\"seals\"", "\"keys/kek.hex\"", "keys.seal_directory:"},
      {"birthseal.test/log", "two words", "keys.log_name:"},
      {"log_key_pem: \"keys/log.pem\"", "log_key_pem: \"trust/log.pem\"", "keys.log_key_pem:"},
      {"signers_pem: \"trust/signers.pem\"", "", "trust.signers_pem:"},
      {"national-default.textproto", "README.md", "profiles[0]:"},
      {"roles: \"ADMINISTRATOR\"", "roles: \"KING\"", "bootstrap_clients[0].roles:"},
      {"11529901009900179R", "115299010099001790", "bootstrap_clients[0].organisation_code:"},
      {"bootstrap_clients {", "default_profile: \"none\" bootstrap_clients {", "default_profile:"},
      {"bootstrap_clients {", "limits { queue_length: -1 } bootstrap_clients {",
       "limits.queue_length:"},
      {"bootstrap_clients {", "limits { verification_queue: 20000 } bootstrap_clients {",
       "limits.verification_queue:"},
      {"log_ed25519_key_pem: \"keys/log-ed25519.pem\"", "", "keys.log_ed25519_key_pem:"},
      {"keys/log-ed25519.pem", "keys/log.pem", "keys.log_ed25519_key_pem:"},
      {"keys/log.pem", "keys/vrf.pem", "keys.log_key_pem:"},
      {"keys/vrf.pem", "keys/log-ed25519.pem", "keys.vrf_key_pem:"},
      {"vrf_key_pem: \"keys/vrf.pem\"", "", "keys.vrf_key_pem:"},
      {"high_water_file: \"high-water\"", "", "keys.high_water_file:"},
      {"high_water_file: \"high-water\"", "high_water_file: \"no/such/mark\"",
       "keys.high_water_file:"},
      {"in_memory: true ack: LOCAL", "directory: \"store\" ack: LOCAL backup_directory: \"none\"",
       "store.backup_directory:"},
      {"in_memory: true ack: LOCAL", "directory: \"keys\" ack: LOCAL backup_directory: \"keys\"",
       "store.backup_directory:"},
      {"ack: LOCAL", "ack: WITNESSED", "store.journal_directory:"},
      {"ack: LOCAL", "ack: WITNESSED journal_directory: \"journal\"", "store.ack:"},
      {"bootstrap_clients {", "witnesses { quorum: 1 } bootstrap_clients {", "witnesses.quorum:"},
      {"bootstrap_clients {", "fonts { rare_ttf: \"no/such.ttf\" } bootstrap_clients {",
       "fonts.rare_ttf:"},
  };
  for (const auto& c : kCases) {
    const std::string text = absl::StrReplaceAll(Good(), {{c.from, c.to}});
    ASSERT_NE(text, Good()) << c.field;
    const absl::StatusOr<Config> config = Parse(text);
    ASSERT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID")) << c.field;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(c.field));
  }
}

// Rule J8.
TEST_F(ConfigTest, TwoProfilesForOneAreaFromOneDayAreRefused) {
  const std::string guizhou = absl::StrCat(BIRTHSEAL_SOURCE_DIR, "/deploy/profiles/guizhou-2021");
  const auto with_another = [&](const std::string& from) {
    const std::string text = tests::ReadFile(guizhou + ".textproto");
    tests::WriteFile(
        directory_->Join("another.textproto"),
        absl::StrReplaceAll(text, {{"guizhou-2021", "another"}, {"2021-09-27", from}}));
    return absl::StrCat(Good(), "default_profile: \"national-default\" profiles: \"", guizhou,
                        ".textproto\" profiles: \"another.textproto\"");
  };
  const absl::StatusOr<Config> refused = Parse(with_another("2021-09-27"));
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID"));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("profiles:"));
  EXPECT_OK(Parse(with_another("2027-01-01")));
}

TEST_F(ConfigTest, TheHighWaterFileLiesOutsideTheStore) {
  const auto with = [](const char* mark) {
    return absl::StrReplaceAll(Good(), {{"in_memory: true", "directory: \"keys/\""},
                                        {"\"high-water\"", absl::StrCat("\"", mark, "\"")}});
  };
  for (const char* inside : {"keys/mark", "keys/../keys/mark", "trust/../keys/mark"}) {
    const absl::StatusOr<Config> config = Parse(with(inside));
    ASSERT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID")) << inside;
    EXPECT_THAT(std::string(config.status().message()),
                HasSubstr("must not lie inside store.directory"));
  }
  EXPECT_OK(Parse(with("keys-of-the-mark")));
}

constexpr char kWitnesses[] = R"(witnesses {
  witness { name: "w1" public_key_pem: "trust/witness-police.pem" client_pem: "tls/witness-police.pem" }
  witness { name: "w2" public_key_pem: "trust/log.pem" client_pem: "tls/witness-health.pem" }
  quorum: 2 stop_seconds: 600
}
)";

TEST_F(ConfigTest, WitnessesHaveNameKeyAndTlsCertificate) {
  const absl::StatusOr<Config> config = Parse(Good() + kWitnesses);
  ASSERT_OK(config);
  ASSERT_EQ(config->witnesses.keys.size(), 2u);
  EXPECT_EQ(config->witnesses.keys[1].name, "w2");
  EXPECT_NE(config->witnesses.keys[0].client_sm3, config->witnesses.keys[1].client_sm3);
  EXPECT_EQ(config->witnesses.quorum, 2u);
  EXPECT_EQ(config->witnesses.alarm, absl::Minutes(5));
  EXPECT_EQ(config->witnesses.stop, absl::Minutes(10));
}

TEST_F(ConfigTest, EachFaultOfAWitnessNamesItsField) {
  const struct {
    const char* from;
    const char* to;
    const char* field;
  } kCases[] = {
      {"\"w2\"", "\"w1\"", "witnesses.witness[1].name:"},
      {"\"w2\"", "\"birthseal.test/log\"", "witnesses.witness[1].name:"},
      {"\"w2\"", "\"w 2\"", "witnesses.witness[1].name:"},
      {"trust/log.pem", "trust/vrf.pem", "witnesses.witness[1].public_key_pem:"},
      {"trust/log.pem", "no/such", "witnesses.witness[1].public_key_pem:"},
      {"trust/log.pem", "trust/witness-police.pem", "witnesses.witness[1].public_key_pem:"},
      {"tls/witness-health.pem", "trust/log.pem", "witnesses.witness[1].client_pem:"},
      {"tls/witness-health.pem", "tls/witness-police.pem", "witnesses.witness[1].client_pem:"},
      {"quorum: 2", "quorum: 3", "witnesses.quorum:"},
      {"quorum: 2", "", "witnesses.quorum:"},
      {"stop_seconds: 600", "stop_seconds: 200", "witnesses.stop_seconds:"},
      {"stop_seconds: 600", "alarm_seconds: -1", "witnesses.alarm_seconds:"},
  };
  for (const auto& c : kCases) {
    const std::string text = absl::StrReplaceAll(kWitnesses, {{c.from, c.to}});
    ASSERT_NE(text, kWitnesses) << c.field;
    const absl::StatusOr<Config> config = Parse(Good() + text);
    ASSERT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID")) << c.to;
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(c.field));
  }
}

TEST_F(ConfigTest, AnUnknownFieldIsNamedWithItsLine) {
  const absl::StatusOr<Config> config = Parse("listen: \"127.0.0.1:0\"\nbirth_permit: true\n");
  ASSERT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID"));
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("birth_permit"));
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("line 2"));
}

TEST_F(ConfigTest, AllFaultsAreToldAtOnceAndNoKeyIsToldAtAll) {
  const absl::StatusOr<Config> config =
      Parse(absl::StrReplaceAll(Good(), {{"127.0.0.1:0", "x"}, {"keys/index.hex", "short.hex"}}));
  ASSERT_THAT(config, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG_INVALID"));
  const std::string message(config.status().message());
  EXPECT_THAT(message, HasSubstr("listen:"));
  EXPECT_THAT(message, HasSubstr("keys.index_key_file:"));
  EXPECT_THAT(message, testing::Not(HasSubstr("0011223344")));
}

TEST_F(ConfigTest, AFileThatIsNotThereIsNotFound) {
  EXPECT_THAT(LoadConfig(directory_->Join("none")),
              StatusIs(absl::StatusCode::kNotFound, "CONFIG_UNREADABLE"));
}

}  // namespace
}  // namespace birthseal::server
