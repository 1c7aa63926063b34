// SPDX-License-Identifier: Apache-2.0
// Every section and key of the configuration: what is missing, malformed or out of range is named,
// and nothing else is.
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/host/config_fixture.h"
#include "tests/support/places.h"

namespace birthseal::server {
namespace {

using Fields = std::vector<std::string>;

struct Row {
  std::string from, to;
  Fields named;  // in the order they are told
};

class ConfigRowsTest : public ConfigTest {
 protected:
  static Fields Named(const std::string& text) {
    Fields named;
    const std::string said = Said(text);
    for (const absl::string_view line : absl::StrSplit(said, '\n', absl::SkipEmpty())) {
      named.emplace_back(line.substr(0, line.find(": ")));
    }
    return named;
  }
  static void Expect(const std::string& good, const std::vector<Row>& rows) {
    ASSERT_OK(Parse(good));
    for (const Row& row : rows) {
      const std::string text = absl::StrReplaceAll(good, {{row.from, row.to}});
      ASSERT_NE(text, good) << row.from;
      EXPECT_TRUE(Refuses(text)) << row.to;
      EXPECT_EQ(Named(text), row.named) << row.to;
    }
  }
  // With more keys of one section.
  static Row With(const std::string& more, Fields named) {
    return {"bootstrap_clients {", more + " bootstrap_clients {", std::move(named)};
  }
};

TEST_F(ConfigRowsTest, AnAddressHasAPort) {
  std::vector<Row> rows;
  for (const char* bad : {"7443", ":7443", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1", ""}) {
    rows.push_back({"127.0.0.1:0", bad, {"listen"}});
  }
  Expect(Good(), rows);
  EXPECT_OK(Parse(absl::StrReplaceAll(Good(), {{"127.0.0.1:0", "[::1]:65535"}})));
}

TEST_F(ConfigRowsTest, FilesThatAreRequiredAreReadAndOfTheirKind) {
  const struct {
    const char* key;
    const char* file;
    Fields named;
  } kFiles[] = {
      {"client_ca_pem", "tls/ca.pem", {"tls.client_ca_pem"}},
      {"private_key_pem", "tls/a.key", {"tls.private_key_pem"}},
      {"seal_makers_pem", "trust/seal-makers.pem", {"trust.seal_makers_pem"}},
      {"signers_pem", "trust/signers.pem", {"trust.signers_pem"}},
      {"key_encryption_key_file", "keys/kek.hex", {"keys.key_encryption_key_file"}},
      {"index_key_file", "keys/index.hex", {"keys.index_key_file"}},
      {" log_key_pem", "keys/log.pem", {"keys.log_key_pem"}},
      {"log_ed25519_key_pem", "keys/log-ed25519.pem", {"keys.log_ed25519_key_pem"}},
      {"vrf_key_pem", "keys/vrf.pem", {"keys.vrf_key_pem"}},
  };
  for (const auto& file : kFiles) {
    const std::string line = absl::StrCat(file.key, ": \"", file.file, "\"");
    Expect(Good(), {{line, "", file.named},
                    {line, absl::StrCat(file.key, ": \"no/such\""), file.named},
                    {line, absl::StrCat(file.key, ": \"empty\""), file.named}});
    // Whoever forgot a key is not told of a file that cannot be read.
    EXPECT_THAT(Said(absl::StrReplaceAll(Good(), {{line, ""}})),
                testing::StartsWith(file.named[0] + ": is required"));
    // Neither PEM nor hexadecimal digits of any key's length.
    const std::string text =
        absl::StrReplaceAll(Good(), {{line, absl::StrCat(file.key, ": \"short.hex\"")}});
    EXPECT_TRUE(Refuses(text)) << file.key;
    for (const std::string& field : Named(text)) EXPECT_EQ(field, file.named[0]);
  }
}

// Of the right digits, but more or fewer of them.
TEST_F(ConfigRowsTest, AKeyHasItsLengthAndNoOther) {
  const struct {
    const char* file;
    size_t bytes;
    Fields named;
  } kKeys[] = {{"keys/kek.hex", 16, {"keys.key_encryption_key_file"}},
               {"keys/index.hex", 32, {"keys.index_key_file"}}};
  for (const auto& key : kKeys) {
    for (const size_t digits : {size_t{0}, key.bytes, 2 * key.bytes - 2, 2 * key.bytes - 1,
                                2 * key.bytes + 1, 2 * key.bytes + 2}) {
      tests::WriteFile(directory_->Join("other.hex"), std::string(digits, 'a'));
      Expect(Good(), {{key.file, "other.hex", key.named}});
    }
    for (const char* blank : {" ", "\n", "\t\n"}) {
      tests::WriteFile(directory_->Join("other.hex"), blank);
      Expect(Good(), {{key.file, "other.hex", key.named}});
    }
  }
}

TEST_F(ConfigRowsTest, AFileHasAtMostFourMebibytes) {
  std::string pem = tests::ReadFile(directory_->Join("tls/ca.pem"));
  pem.resize(4u << 20, '\n');
  tests::WriteFile(directory_->Join("big.pem"), pem);
  EXPECT_OK(Parse(absl::StrReplaceAll(Good(), {{"tls/ca.pem", "big.pem"}})));
  tests::WriteFile(directory_->Join("big.pem"), pem + "\n");
  Expect(Good(), {{"tls/ca.pem", "big.pem", {"tls.client_ca_pem"}}});
}

TEST_F(ConfigRowsTest, TheStore) {
  const std::string memory = "in_memory: true ack: LOCAL";
  Expect(Good(),
         {{memory, "ack: LOCAL", {"store.directory"}},
          {memory, "in_memory: true", {"store.ack"}},
          {memory, "in_memory: true ack: JOURNALED", {"store.journal_directory"}},
          {memory, "in_memory: true ack: WITNESSED", {"store.journal_directory", "store.ack"}},
          {memory, memory + " min_free_mib: -1", {"store.min_free_mib"}},
          {memory, memory + " min_free_mib: 1073741825", {"store.min_free_mib"}},
          {memory,
           "directory: \"store\" journal_directory: \"store\" ack: LOCAL",
           {"store.journal_directory"}},
          {memory, memory + " backup_directory: \"no/such\"", {"store.backup_directory"}},
          {memory, memory + " backup_directory: \"tls/a.pem\"", {"store.backup_directory"}},
          {memory,
           "directory: \"tls\" ack: LOCAL backup_directory: \"tls\"",
           {"store.backup_directory"}}});
  for (const char* good :
       {"min_free_mib: 0", "min_free_mib: 1073741824", "backup_directory: \"trust\""}) {
    EXPECT_OK(Parse(absl::StrReplaceAll(Good(), {{memory, absl::StrCat(memory, " ", good)}})));
  }
}

TEST_F(ConfigRowsTest, TheKeys) {
  tests::WriteFile(directory_->Join("z.hex"), std::string(32, 'z'));
  Expect(Good(), {{"\"seals\"", "\"\"", {"keys.seal_directory"}},
                  {"\"seals\"", "\"no/such\"", {"keys.seal_directory"}},
                  {"\"seals\"", "\"keys/kek.hex\"", {"keys.seal_directory"}},
                  {"keys/kek.hex", "z.hex", {"keys.key_encryption_key_file"}},
                  {"birthseal.test/log", "", {"keys.log_name"}},
                  {"birthseal.test/log", "a+b", {"keys.log_name"}},
                  {"birthseal.test/log", "a b", {"keys.log_name"}},
                  {"birthseal.test/log", "日志", {"keys.log_name"}},
                  {"birthseal.test/log", std::string(201, 'x'), {"keys.log_name"}},
                  {"\"high-water\"", "\"\"", {"keys.high_water_file"}},
                  {"\"high-water\"", "\"no/such/mark\"", {"keys.high_water_file"}}});
  EXPECT_OK(Parse(absl::StrReplaceAll(Good(), {{"birthseal.test/log", std::string(200, 'x')}})));
}

TEST_F(ConfigRowsTest, TrustAndFonts) {
  Expect(Good(), {{"trust {", "trust { time_stamps_pem: \"no/such\"", {"trust.time_stamps_pem"}},
                  {"trust {", "trust { time_stamps_pem: \"short.hex\"", {"trust.time_stamps_pem"}},
                  {"trust {", "trust { time_stamps_pem: \"empty\"", {"trust.time_stamps_pem"}},
                  With("fonts { value_ttf: \"no/such\" }", {"fonts.value_ttf"}),
                  With("fonts { title_ttf: \"no/such\" }", {"fonts.title_ttf"}),
                  With("fonts { rare_ttf: \"no/such\" }", {"fonts.rare_ttf"})});
}

TEST_F(ConfigRowsTest, Profiles) {
  const std::string line = absl::StrCat("profiles: \"", BIRTHSEAL_SOURCE_DIR,
                                        "/deploy/profiles/national-default.textproto\"");
  Expect(Good(), {{line, "", {"profiles", "default_profile"}},
                  {line, line + line, {"profiles[1]"}},
                  {line, "profiles: \"\"", {"profiles[0]", "default_profile"}},
                  {line, line + "profiles: \"short.hex\"", {"profiles[1]"}},
                  {line, line + "profiles: \"empty\"", {"profiles[1]"}},
                  {line, line + "default_profile: \"none\"", {"default_profile"}}});
}

TEST_F(ConfigRowsTest, BootstrapClients) {
  const std::string pem = "certificate_pem: \"tls/a.pem\" organisation_code";
  Expect(Good(),
         {{pem,
           "certificate_pem: \"none.pem\" organisation_code",
           {"bootstrap_clients[0].certificate_pem"}},
          {pem, "organisation_code", {"bootstrap_clients[0].certificate_pem"}},
          {pem,
           "certificate_pem: \"empty\" organisation_code",
           {"bootstrap_clients[0].certificate_pem"}},
          {"11529901009900179R", "", {"bootstrap_clients[0].organisation_code"}},
          {"11529901009900179R", "115299010099001790", {"bootstrap_clients[0].organisation_code"}},
          {"roles: \"ADMINISTRATOR\"", "", {"bootstrap_clients[0].roles"}},
          {"\"ADMINISTRATOR\"", "\"UNSPECIFIED\"", {"bootstrap_clients[0].roles"}},
          {"\"ADMINISTRATOR\"", "\"ROLE_KING\"", {"bootstrap_clients[0].roles"}}});
  EXPECT_OK(Parse(absl::StrReplaceAll(Good(), {{"\"ADMINISTRATOR\"", "\"ROLE_AUDITOR\""}})));
}

TEST_F(ConfigRowsTest, LimitsLieBetweenTheirBounds) {
  const struct {
    const char* key;
    int low, high;
  } kLimits[] = {
      {"worker_threads", 1, 256},
      {"queue_length", 1, 1'000'000},
      {"max_message_bytes", 1024, 256 << 20},
      {"ledger_queue", 16, 1'000'000},
      {"verification_threads", 1, 256},
      {"verification_queue", 1, 10'000},
      {"drain_seconds", 1, 3600},
  };
  for (const auto& limit : kLimits) {
    const auto with = [&limit](int value) {
      return absl::StrCat("limits { ", limit.key, ": ", value, " }");
    };
    const Fields named = {absl::StrCat("limits.", limit.key)};
    Expect(Good(), {With(with(-1), named), With(with(limit.high + 1), named)});
    if (limit.low > 1) Expect(Good(), {With(with(limit.low - 1), named)});
    EXPECT_OK(Parse(Good() + with(limit.low)));
    EXPECT_OK(Parse(Good() + with(limit.high)));
  }
}

TEST_F(ConfigRowsTest, Witnesses) {
  const std::string good = Good() + R"(witnesses {
    witness { name: "w1" public_key_pem: "trust/witness-police.pem"
              client_pem: "tls/witness-police.pem" }
    witness { name: "w2" public_key_pem: "trust/log.pem" client_pem: "tls/witness-health.pem" }
    quorum: 2 alarm_seconds: 60 stop_seconds: 600 })";
  const std::string second = "witnesses.witness[1]";
  Expect(good,
         {{"\"w2\"", "\"\"", {second + ".name"}},
          {"\"w2\"", "\"w+2\"", {second + ".name"}},
          {"\"w2\"", "\"w1\"", {second + ".name"}},
          {"\"w2\"", "\"birthseal.test/log\"", {second + ".name"}},
          {"\"trust/log.pem\"", "\"trust/vrf.pem\"", {second + ".public_key_pem"}},
          {"\"trust/log.pem\"", "\"\"", {second + ".public_key_pem"}},
          {"\"trust/log.pem\"", "\"empty\"", {second + ".public_key_pem"}},
          {"\"trust/log.pem\"", "\"trust/witness-police.pem\"", {second + ".public_key_pem"}},
          {"\"tls/witness-health.pem\"", "\"\"", {second + ".client_pem"}},
          {"\"tls/witness-health.pem\"", "\"none.pem\"", {second + ".client_pem"}},
          {"\"tls/witness-health.pem\"", "\"empty\"", {second + ".client_pem"}},
          {"\"tls/witness-health.pem\"", "\"tls/witness-police.pem\"", {second + ".client_pem"}},
          {"quorum: 2", "quorum: -1", {"witnesses.quorum"}},
          {"quorum: 2", "", {"witnesses.quorum"}},
          {"quorum: 2", "quorum: 3", {"witnesses.quorum"}},
          {"alarm_seconds: 60", "alarm_seconds: -1", {"witnesses.alarm_seconds"}},
          {"stop_seconds: 600", "stop_seconds: 31622401", {"witnesses.stop_seconds"}},
          {"stop_seconds: 600", "stop_seconds: 59", {"witnesses.stop_seconds"}}});
  EXPECT_OK(Parse(absl::StrReplaceAll(good, {{"stop_seconds: 600", "stop_seconds: 60"}})));
  Expect(Good(), {With("witnesses { quorum: 1 }", {"witnesses.quorum"}),
                  {"ack: LOCAL", "ack: WITNESSED journal_directory: \"journal\"", {"store.ack"}}});
}

TEST_F(ConfigRowsTest, ThereAreAtMostSixtyFourWitnesses) {
  std::string many = "witnesses { quorum: 1 ";
  for (int i = 0; i < 65; ++i) absl::StrAppend(&many, "witness { name: \"w", i, "\" } ");
  EXPECT_THAT(Named(Good() + many + "}"), testing::Contains("witnesses.witness"));
}

}  // namespace
}  // namespace birthseal::server
