// SPDX-License-Identifier: Apache-2.0
// What each command reads before it asks the service: a file that is missing or is not what it
// should be, an option that is missing. The command says which, with its reason, and ends with 1,
// or with 2 where the reason is USAGE.
#include <openssl/rsa.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "certs/canonical.h"
#include "gmock/gmock.h"
#include "tests/clients/birthseal/cli_fixture.h"

namespace birthseal::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// With what is in the folder of the test in the place of @.
struct Row {
  const char* arguments;
  std::vector<const char*> said;
  std::vector<const char*> not_said = {};
};

class FileCommandsTest : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    tests::WriteFile(dir_.Join("text"), "a text");
    tests::WriteFile(dir_.Join("empty.json"), "{}");
    tests::WriteFile(dir_.Join("rules.textproto"), "");
    tests::WriteFile(dir_.Join("rsa.key"), RsaPem());
  }
  static std::string RsaPem() {
    EVP_PKEY* key = EVP_RSA_gen(1024);
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string pem(data, static_cast<size_t>(size));
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
  }
  std::string Filled(std::string arguments) const {
    for (size_t at = 0; (at = arguments.find('@')) != std::string::npos;) {
      arguments.replace(at, 1, dir_.path());
    }
    return arguments;
  }
  static int CodeOf(const Row& row) {
    for (const char* said : row.said) {
      if (std::string(said) == "[USAGE]") return 2;
    }
    return 1;
  }
  void ExpectRefused(const Row& row) const { Expect(CodeOf(row), row); }
  void Expect(int code, const Row& row) const {
    const Ran ran = Run(Filled(row.arguments));
    EXPECT_EQ(ran.code, code) << row.arguments << "\n" << ran.output;
    for (const char* said : row.said) EXPECT_THAT(ran.output, HasSubstr(said)) << row.arguments;
    for (const char* said : row.not_said) {
      EXPECT_THAT(ran.output, Not(HasSubstr(said))) << row.arguments;
    }
  }
};

TEST_F(FileCommandsTest, WhatIsReadBeforeTheServiceIsAskedMustBeReadable) {
  const Row rows[] = {
      {"status 1.2.156.3005.2.1", {"--role is required", "[USAGE]"}},
      {"admin institution @/none", {"@/none", "[FILE]"}},
      {"admin client @/none", {"@/none", "[FILE]"}},
      {"admin client @/empty.json --certificate @/text", {"holds no certificate", "[FILE]"}},
      {"admin operator @/none", {"@/none", "[FILE]"}},
      {"admin operator @/empty.json --public-key @/text", {"holds no public key", "[FILE]"}},
      {"admin cancel-reservation 000102030405060708090a0b0c0d0e0f --reason r --issuer-operator a "
       "--issuer-key @/none --sealer-operator b --sealer-key @/witness.key",
       {"@/none", "[FILE]"}},
      {"admin cancel-reservation 000102030405060708090a0b0c0d0e0f --reason r --issuer-operator a "
       "--issuer-key @/witness.key --sealer-operator b --sealer-key @/text",
       {"[OPERATOR_KEY]"}},
      {"admin confirm-stock 12990101MA0A123492 Y520000001 --used-up --issuer-operator a "
       "--issuer-key @/rsa.key --sealer-operator b --sealer-key @/witness.key",
       {"[OPERATOR_KEY]"}},
      {"resolve 000102030405060708090a0b0c0d0e0f --record @/none --operator a --reason r",
       {"@/none", "[FILE]"}},
      {"apply @/none", {"@/none", "[FILE]"}},
      {"apply @/text", {"@/text", "[USAGE]"}},
      {"revoke Y520000001 --decision 1 --document @/text --issuer-operator a --issuer-key "
       "@/witness.key --sealer-operator b --sealer-key @/none",
       {"@/none", "[FILE]"}},
  };
  for (Row row : rows) {
    std::vector<std::string> said;
    for (const char* text : row.said) said.push_back(Filled(text));
    row.said.clear();
    for (const std::string& text : said) row.said.push_back(text.c_str());
    ExpectRefused(row);
  }
}

// A unit that is told not to start again with wrong options looks at the status alone.
TEST_F(FileCommandsTest, WrongOptionsEndWith2WhoeverFindsThem) {
  Expect(2, {"no-such-command"});
  Expect(2, {"status"});
  Expect(2, {"status 1.2.156.3005.2.1", {"[USAGE]"}});
  Expect(2, {"case 0001 --cause c", {"[USAGE]"}});
  Expect(1, {"apply @/none", {"[FILE]"}});
}

TEST_F(FileCommandsTest, AWitnessNamesTheOptionThatItLacks) {
  const Row rows[] = {
      {"witness", {"--state is required", "[USAGE]"}},
      {"witness --state @/new", {"--key is required", "[USAGE]"}},
      {"witness --state @/new --key @/witness.key", {"--name is required", "[USAGE]"}},
      {"witness --state @/new --key @/witness.key --name n", {"--log-key is required", "[USAGE]"}},
      {"witness show", {"--state is required", "[USAGE]"}},
      {"witness key", {"--key is required", "[USAGE]"}},
      {"witness key --key @/witness.key", {"--name is required", "[USAGE]"}},
      {"witness key --key @/text --name n", {"[OPERATOR_KEY]"}},
      {"witness key --key @/rsa.key --name n", {"[OPERATOR_KEY]"}},
      {"witness key --key @/witness.key --name 'a name'", {"[NOTE_KEY_NAME]"}},
  };
  for (const Row& row : rows) ExpectRefused(row);
  Expect(0, {"witness key --key @/witness.key --name n", {"n+", "BEGIN PUBLIC KEY"}});
}

TEST_F(FileCommandsTest, AMonitorNamesTheOptionThatItLacks) {
  Witness();
  const Row rows[] = {
      {"monitor --once", {"--rules and --state", "[USAGE]"}},
      {"monitor --once --state @/m --log-key @/log.pem", {"--rules and --state", "[USAGE]"}},
      {"monitor --once --rules @/rules.textproto --log-key @/log.pem",
       {"--rules and --state", "[USAGE]"}},
      {"monitor --once --rules @/rules.textproto --state @/m",
       {"--log-key is required", "[USAGE]"}},
      {"monitor --once --rules @/rules.textproto --from-mirror @/none --state @/m",
       {"[WITNESS_STATE]"}},
      // A folder cannot be below a file: said before anything is told.
      {"monitor --once --rules @/rules.textproto --from-mirror @/w --state @/text/m",
       {"[WITNESS_FILE]"},
       {"followed to"}},
  };
  for (const Row& row : rows) ExpectRefused(row);
}

TEST_F(FileCommandsTest, WhatAMonitorHasToldMustBeReadableAndInItsMirror) {
  Witness();
  const std::string monitor =
      "monitor --once --rules @/rules.textproto --from-mirror @/w --state @/m";
  Expect(0, {monitor.c_str(), {"followed to epoch 1 size 1"}});
  tests::WriteFile(dir_.Join("m/told"), "told");
  Expect(1, {monitor.c_str(), {"[MONITOR_STATE]"}, {"followed to"}});
  tests::WriteFile(dir_.Join("m/told"), certs::CanonicalWriter("birthseal/monitor-told/v1")
                                            .Number(1, 1)
                                            .Number(2, 100)
                                            .Number(3, 0)
                                            .Finish());
  Expect(1, {monitor.c_str(), {"[MIRROR_SHORT]"}, {"followed to"}});
}

TEST_F(FileCommandsTest, AMirrorThatEndsBeforeItsStateIsNotFollowed) {
  Issue(1, kNoon);
  Witness();
  ASSERT_EQ(std::remove(dir_.Join("w/mirror/1").c_str()), 0);
  Expect(1, {"monitor --once --rules @/rules.textproto --from-mirror @/w",
             {"[MIRROR_SHORT]"},
             {"followed to"}});
}

// The folder of a witness that has seen, or refuses, nothing yet.
TEST_F(FileCommandsTest, ARefusalThatCannotBeEndedIsNotCalledEnded) {
  witness::Memory memory;
  memory.log_name = kLogName;
  {
    auto state = witness::FileState::Open(dir_.Join("w"));
    ASSERT_OK(state);
    ASSERT_OK((*state)->Save(witness::Canonical(memory)));
  }
  Expect(1,
         {"audit export-tiles --out @/tiles --mirror @/w --log-key @/log.pem", {"[MIRROR_EMPTY]"}});
  Expect(0, {"witness --state @/w --acknowledge", {"nothing is refused"}});
  {
    memory.refusal = "LOG_FORKED";
    auto state = witness::FileState::Open(dir_.Join("w"));
    ASSERT_OK(state);
    ASSERT_OK((*state)->Save(witness::Canonical(memory)));
  }
  ASSERT_EQ(mkdir(dir_.Join("w/state.new").c_str(), 0700), 0);  // in the way
  Expect(1, {"witness --state @/w --acknowledge", {"[WITNESS_FILE]"}, {"acknowledged"}});
  ASSERT_EQ(rmdir(dir_.Join("w/state.new").c_str()), 0);
  Expect(0, {"witness --state @/w --acknowledge", {"acknowledged", "LOG_FORKED"}});
  Expect(0, {"--json witness --state @/w --acknowledge", {"\"result\":\"NOTHING_REFUSED\""}});
}

TEST_F(FileCommandsTest, WhatIsComparedMustBeOfThisLogAndWhole) {
  Issue(1, kNoon);
  certs::TreeHead other = log_.Head();
  other.origin = certs::OriginOf("another.example/log", certs::LogEpoch(1));
  tests::WriteFile(dir_.Join("other"), Note(other));
  tests::WriteFile(dir_.Join("a"), Note(log_.HeadAt(2)));
  tests::WriteFile(dir_.Join("b"), Note(log_.Head()));
  tests::WriteFile(dir_.Join("short.json"), "{\"path\": [\"c2hvcnQ=\"]}");
  Expect(1, {"audit compare @/other @/other --log-key @/log.pem",
             {"[CHECKPOINT_OF_ANOTHER_LOG]"},
             {"CONSISTENT"}});
  Expect(1, {"audit compare @/a @/b --log-key @/log.pem --proof @/none", {"[FILE]"}});
  Expect(2, {"audit compare @/a @/b --log-key @/log.pem --proof @/text", {"[USAGE]"}});
  Expect(2, {"audit compare @/a @/b --log-key @/log.pem --proof @/short.json",
             {"not 32 bytes", "[USAGE]"}});
  Expect(1, {"audit compare @/a @/b --log-key @/log.pem", {"[NOT_SHOWN]"}});
}

}  // namespace
}  // namespace birthseal::cli
