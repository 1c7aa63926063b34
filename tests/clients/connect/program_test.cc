// SPDX-License-Identifier: Apache-2.0
// birthseal-connect as a service manager runs it: how it ends tells whether a new start may help.
#include <sys/socket.h>
#include <sysexits.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "clients/connect/mllp/listener.h"
#include "gtest/gtest.h"
#include "tests/support/places.h"
#include "tests/support/shell.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::connect {
namespace {

using tests::Ran;

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"ca.pem", "feed.pem", "feed.key"}) {
      tests::WriteFile(dir_.Join(name), "not looked at before the first message");
    }
  }
  // The configuration of one listener, with more about it.
  std::string Config(const std::string& more = "", const std::string& role = "feed") const {
    const std::string path = dir_.Join("connect.textproto");
    tests::WriteFile(
        path, absl::StrCat("service: '127.0.0.1:1' tls_directory: '", dir_.path(), "' tls_role: '",
                           role, "' mllp { facility_code: '91350100M000100Y43' port_file: '",
                           dir_.Join("port"), "' ", more, " }\n"));
    return path;
  }
  // One that does not end by itself, as it should here, is ended: code 124.
  static Ran Run(const std::string& config) {
    return tests::RunShell(absl::StrCat("exec timeout 15 ", BIRTHSEAL_BINARY_DIR,
                                        "/clients/connect/birthseal-connect --config ", config));
  }
  const tests::TempDir dir_;
};

TEST_F(ProgramTest, ServesAndEndsWhenItIsToldTo) {
  const Ran ran = tests::RunShell(
      absl::StrCat(BIRTHSEAL_BINARY_DIR, "/clients/connect/birthseal-connect --config ", Config(),
                   " &\n", "while kill -0 $! && ! [ -s ", dir_.Join("port"),
                   " ]; do sleep 0.02; done\n", "kill -TERM $!; wait $!"));
  EXPECT_EQ(ran.code, 0) << ran.output;
  EXPECT_NE(ran.output.find("MLLP for 91350100M000100Y43 on 127.0.0.1:"), std::string::npos);
  EXPECT_GT(std::stoi(tests::ReadFile(dir_.Join("port"))), 0);
}

TEST_F(ProgramTest, WhatIsConfiguredWronglyNeedsAPerson) {
  Ran ran = Run(dir_.Join("nothing"));
  EXPECT_EQ(ran.code, EX_CONFIG) << ran.output;
  EXPECT_NE(ran.output.find("/nothing"), std::string::npos) << ran.output;
  ran = Run(Config("port: 70000"));
  EXPECT_EQ(ran.code, EX_CONFIG) << ran.output;
  EXPECT_NE(ran.output.find("mllp[0].port"), std::string::npos) << ran.output;
  for (const char* missing : {"ca.pem", "feed.pem", "feed.key"}) {
    SetUp();
    std::filesystem::remove(dir_.Join(missing));
    ran = Run(Config());
    ASSERT_EQ(ran.code, EX_CONFIG) << ran.output;
    EXPECT_NE(ran.output.find(missing), std::string::npos) << ran.output;
  }
}

TEST_F(ProgramTest, WhatMayPassIsTriedAgain) {
  const auto other = mllp::Listener::Start({}, nullptr);  // has the port
  ASSERT_OK(other);
  Ran ran = Run(Config(absl::StrCat("port: ", (*other)->port())));
  EXPECT_EQ(ran.code, EX_TEMPFAIL) << ran.output;
  std::filesystem::create_directory(dir_.Join("port"));
  ran = Run(Config());
  EXPECT_EQ(ran.code, EX_TEMPFAIL) << ran.output;
  EXPECT_NE(ran.output.find("cannot write"), std::string::npos) << ran.output;
}

// Two descriptors are more than it may have from now on: the system does not let it wait for them.
TEST_F(ProgramTest, OneThatCannotListenAnyMoreEndsAndIsStartedAgain) {
  const std::string port = dir_.Join("port");
  // The looks of the sanitizers want descriptors of their own.
  tests::WriteFile(dir_.Join("no-vptr"), "vptr:*\n");
  const Ran ran = tests::RunShell(absl::StrCat(
      "ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=suppressions=", dir_.Join("no-vptr"), " ",
      BIRTHSEAL_BINARY_DIR, "/clients/connect/birthseal-connect --config ", Config(), " &\n",
      "pid=$!; while kill -0 $pid && ! [ -s ", port, " ]; do sleep 0.02; done\n",
      "prlimit --pid $pid --nofile=1:1\n", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/$(cat ", port,
      ")'\n",
      "timeout 60 tail --pid=$pid -f /dev/null || kill -KILL $pid\n",  // one that stays deaf
      "wait $pid"));
  EXPECT_EQ(ran.code, EX_TEMPFAIL) << ran.output;
  EXPECT_NE(ran.output.find("cannot wait for connections"), std::string::npos) << ran.output;
}

}  // namespace
}  // namespace birthseal::connect
