#include "clients/connect/config.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace birthseal::connect {
namespace {

using tests::StatusIs;

absl::StatusOr<v1::ConnectConfig> Parse(const std::string& of_listener) {
  return ParseConfig(
      absl::StrCat("service: 's:1' tls_directory: 'd' tls_role: 'connector' mllp { facility_code: "
                   "'91350100M000100Y43' ",
                   of_listener, " }"));
}

TEST(ConnectConfigTest, BoundsOfConnectionsReachTheListener) {
  const auto given = Parse("address: '127.0.0.2' port: 2575 max_connections: 3 idle_seconds: 90");
  ASSERT_OK(given);
  const mllp::ListenerOptions options = ListenerOf(given->mllp(0));
  EXPECT_EQ(options.address, "127.0.0.2");
  EXPECT_EQ(options.port, 2575);
  EXPECT_EQ(options.max_connections, 3);
  EXPECT_EQ(options.idle, absl::Seconds(90));
  EXPECT_EQ(options.max_connections_per_peer, std::nullopt);
  for (const int most : {0, 7}) {
    const auto bounded = Parse(absl::StrCat("max_connections_per_peer: ", most));
    ASSERT_OK(bounded);
    EXPECT_EQ(ListenerOf(bounded->mllp(0)).max_connections_per_peer, most);
  }
  const auto silent = Parse("");
  ASSERT_OK(silent);
  EXPECT_EQ(ListenerOf(silent->mllp(0)).idle, absl::Hours(1));
  EXPECT_EQ(ListenerOf(silent->mllp(0)).max_connections, 64);
}

TEST(ConnectConfigTest, WhatIsOutOfRangeIsRefused) {
  for (const char* bad : {"idle_seconds: -1", "idle_seconds: 604801", "max_connections: -1",
                          "max_connections: 4097", "max_connections_per_peer: -1",
                          "max_connections_per_peer: 4097", "port: 65536", "zone_minutes: 900"}) {
    EXPECT_THAT(Parse(bad), StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG")) << bad;
  }
}

TEST(ConnectConfigTest, TheExampleOfTheDocumentationIsValid) {
  const auto config = ParseConfig(tests::ReadSource("deploy/config/birthseal-connect.textproto"));
  ASSERT_OK(config);
  EXPECT_EQ(ListenerOf(config->mllp(0)).idle, absl::Hours(1));
}

}  // namespace
}  // namespace birthseal::connect
