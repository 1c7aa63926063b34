// SPDX-License-Identifier: Apache-2.0
// The start of the whole service, below the reading of its configuration: each part that cannot be
// opened ends it and names its field; and how a service says that it must be started again.
#include "server/server_app.h"

#include <grpcpp/grpcpp.h>

#include <filesystem>
#include <functional>
#include <thread>

#include "gtest/gtest.h"
#include "server/house.h"
#include "server/witnessing/checkpoint_signer.h"
#include "server/witnessing/high_water.h"
#include "store/ledger/ledger.h"
#include "store/memory_engine.h"
#include "tests/server/host/config_fixture.h"
#include "tests/support/failing_engine.h"

namespace birthseal::server {
namespace {

using absl::StatusCode;
using tests::StatusIs;

constexpr char kNoCertificate[] =
    "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n";
constexpr char kJunk[] = "-----BEGIN X-----\nbm9uZQ==\n-----END X-----\n";

class ServerAppTest : public ConfigTest {
 protected:
  // Its mark and port file are the test's own.
  Config GoodConfig() const {
    absl::StatusOr<Config> config = Parse(Good());
    EXPECT_OK(config);
    config->keys.high_water_file = own_.Join("high-water");
    config->port_file = own_.Join("port");
    return *std::move(config);
  }
  absl::StatusOr<std::unique_ptr<ServerApp>> Start(Config config) {
    ServerApp::Options options;
    options.engine = std::make_unique<tests::FailingEngine>(&memory_, &reads_, &commits_);
    options.run_finisher = false;
    return ServerApp::Start(std::move(config), std::move(options));
  }
  // Until the first leaf, that of the profile, is there and signed for.
  static void WaitUntilSigned(const ServerApp& app) {
    while (!app.house().issuing.checkpoints.Newest(absl::Seconds(30)).ok())
      std::this_thread::yield();
  }
  // Starts once, so that the log has a leaf and the mark knows of it.
  void LeaveALog() {
    const auto app = Start(GoodConfig());
    ASSERT_OK(app);
    WaitUntilSigned(**app);
  }

  const tests::TempDir own_;
  tests::Faults reads_, commits_;
  store::MemoryEngine memory_;
};

TEST_F(ServerAppTest, EachPartThatCannotBeOpenedIsNamed) {
  const struct {
    const char* what;
    std::function<void(Config*)> spoil;
    const char* field;
    const char* reason;
  } kParts[] = {
      {"a file for a journal",
       [](Config* c) { c->store.journal_directory = directory_->Join("short.hex"); },
       "store.journal_directory", "DISK_IO"},
      {"no VRF key", [](Config* c) { c->keys.vrf_key_pem = kJunk; }, "keys.vrf_key_pem",
       "PRIVATE_KEY_UNREADABLE"},
      {"no log key", [](Config* c) { c->keys.log_key_pem = kJunk; }, "keys.log_key_pem",
       "PRIVATE_KEY_UNREADABLE"},
      {"a log key of another kind", [](Config* c) { c->keys.log_key_pem = c->keys.vrf_key_pem; },
       "keys.log_key_pem", "NOTE_KEY"},
      {"a log name that is none", [](Config* c) { c->keys.log_name = "a b"; }, "keys.log_key_pem",
       "NOTE_KEY_NAME"},
      {"no second log key", [](Config* c) { c->keys.log_ed25519_key_pem = kJunk; },
       "keys.log_ed25519_key_pem", "PRIVATE_KEY_UNREADABLE"},
      {"no witness key",
       [](Config* c) {
         c->witnesses.keys = {{"w1", kJunk, {}}};
       },
       "witnesses.witness.public_key_pem", "NOTE_KEY"},
      {"no makers", [](Config* c) { c->trust.seal_makers_pem = kNoCertificate; },
       "trust.seal_makers_pem", "TRUST_CERTIFICATE"},
      {"no signers", [](Config* c) { c->trust.signers_pem = kNoCertificate; }, "trust.signers_pem",
       "TRUST_CERTIFICATE"},
      {"no time stamps", [](Config* c) { c->trust.time_stamps_pem = kNoCertificate; },
       "trust.time_stamps_pem", "TRUST_CERTIFICATE"},
      {"no font", [](Config* c) { c->fonts.value = "/no/such"; }, "fonts.value_ttf",
       "FONT_UNREADABLE"},
      {"no font of titles", [](Config* c) { c->fonts.title = "/no/such"; }, "fonts.title_ttf",
       "FONT_UNREADABLE"},
      {"no font of rare characters", [](Config* c) { c->fonts.rare = "/no/such"; },
       "fonts.rare_ttf", "FONT_UNREADABLE"},
      {"a font that is none", [](Config* c) { c->fonts.value = directory_->Join("short.hex"); },
       "fonts", "FONT_UNUSABLE"},
      {"another machine's address", [](Config* c) { c->listen = "192.0.2.1:1"; }, "listen",
       "CANNOT_LISTEN"},
      {"a port file nowhere", [](Config* c) { c->port_file = "/no/such/port"; }, "port_file",
       "CONFIG_INVALID"},
      {"a directory for a port file", [](Config* c) { c->port_file = directory_->Join("keys"); },
       "port_file", "CONFIG_INVALID"},
  };
  for (const auto& part : kParts) {
    Config config = GoodConfig();
    part.spoil(&config);
    const absl::Status status = Start(std::move(config)).status();
    EXPECT_EQ(certs::FieldOf(status), part.field) << part.what << ": " << status;
    EXPECT_EQ(certs::ReasonOf(status), part.reason) << part.what << ": " << status;
    // As a start does not end well, it leaves nothing behind that the next one would meet.
    EXPECT_FALSE(std::filesystem::exists(own_.Join("port"))) << part.what;
  }
  EXPECT_OK(Start(GoodConfig()));
}

TEST_F(ServerAppTest, APortThatIsTakenIsNotShared) {
  const auto first = Start(GoodConfig());
  ASSERT_OK(first);
  Config config = GoodConfig();
  config.listen = absl::StrCat("127.0.0.1:", (*first)->port());
  config.keys.high_water_file = own_.Join("another mark");
  config.port_file.clear();
  store::MemoryEngine another;
  ServerApp::Options options;
  options.engine = std::make_unique<tests::FailingEngine>(&another, &reads_);
  EXPECT_THAT(ServerApp::Start(std::move(config), std::move(options)).status(),
              StatusIs(StatusCode::kUnavailable, "CANNOT_LISTEN"));
}

TEST_F(ServerAppTest, APortFileOnAFullDiskIsAFullDisk) {
  std::filesystem::create_symlink("/dev/full", own_.Join("port.new"));
  const absl::Status status = Start(GoodConfig()).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kResourceExhausted, "DISK_FULL"));
  EXPECT_EQ(certs::FieldOf(status), "port_file");
}

TEST_F(ServerAppTest, TheMarkMustBeThereAndWholeAndNotAhead) {
  LeaveALog();
  const std::string path = own_.Join("high-water");
  const std::string good = tests::ReadFile(path);
  const certs::TreeHead head = (*HighWater::Open(path))->head();
  ASSERT_GT(head.size, 0u);
  EXPECT_OK(Start(GoodConfig()));

  tests::WriteFile(path, std::string(good.size(), 'x'));
  EXPECT_THAT(Start(GoodConfig()).status(), StatusIs(StatusCode::kDataLoss, "HIGH_WATER_DAMAGED"));
  std::filesystem::remove(path);
  EXPECT_THAT(Start(GoodConfig()).status(), StatusIs(StatusCode::kNotFound, "HIGH_WATER_MISSING"));
  certs::TreeHead ahead = head;
  ++ahead.size;
  ASSERT_OK(HighWater::Create(path, ahead));
  EXPECT_THAT(Start(GoodConfig()).status(),
              StatusIs(StatusCode::kFailedPrecondition, "STORE_BEHIND"));
  tests::WriteFile(path, good);
  EXPECT_OK(Start(GoodConfig()));
}

TEST_F(ServerAppTest, AStoreThatCannotBeReadOrTakenOverEndsTheStart) {
  LeaveALog();
  commits_.FailAfter(0);
  absl::Status status = Start(GoodConfig()).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kInternal, tests::kInjected));
  EXPECT_EQ(certs::FieldOf(status), "store");
  commits_.Stop();
  // Whatever it reads before it serves; what it does then it does beside.
  int failed = 0;
  for (;; ++failed) {
    reads_.FailAfter(failed);
    status = Start(GoodConfig()).status();
    reads_.Stop();
    if (status.ok()) break;
    EXPECT_THAT(status, StatusIs(StatusCode::kInternal, tests::kInjected)) << failed;
  }
  EXPECT_GT(failed, 2);
}

TEST_F(ServerAppTest, ACommitThatFailsMeansAnotherStart) {
  const auto app = Start(GoodConfig());
  ASSERT_OK(app);
  const store::Access access{tests::kManaging, "GetCertificate", "school entry", {}};
  EXPECT_OK((*app)->house().ledger.Call(access).status());
  EXPECT_OK((*app)->Healthy());
  commits_.FailAfter(0);
  EXPECT_FALSE((*app)->house().ledger.Call(access).status().ok());
  commits_.Stop();
  EXPECT_THAT((*app)->Healthy(), StatusIs(StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
}

TEST_F(ServerAppTest, ALogThatIsNoLongerSignedMeansAnotherStart) {
  const auto app = Start(GoodConfig());
  ASSERT_OK(app);
  const House& house = (*app)->house();
  WaitUntilSigned(**app);
  EXPECT_OK((*app)->Healthy());
  store::DurableRoot fork = house.ledger.Head();
  fork.root = certs::Sm3Of("another history");
  fork.has_intent = true;
  house.checkpoints.OnDurable(fork);
  while (house.checkpoints.failure().empty()) std::this_thread::yield();
  EXPECT_THAT((*app)->Healthy(), StatusIs(StatusCode::kUnavailable, "CHECKPOINT_SIGNER_STOPPED"));
}

}  // namespace
}  // namespace birthseal::server
