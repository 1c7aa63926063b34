// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/config.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "certs/errors.h"
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

TEST(ConnectConfigTest, WhatIsOutOfRangeIsRefusedByItsName) {
  const std::pair<const char*, const char*> rows[] = {
      {"address: 'localhost'", "address"},
      {"address: '::1'", "address"},
      {"port: -1", "port"},
      {"port: 65536", "port"},
      {"max_connections: -1", "max_connections"},
      {"max_connections: 4097", "max_connections"},
      {"max_connections_per_peer: -1", "max_connections_per_peer"},
      {"max_connections_per_peer: 4097", "max_connections_per_peer"},
      {"idle_seconds: -1", "idle_seconds"},
      {"idle_seconds: 604801", "idle_seconds"},
      {"charset: 'UTF-16'", "charset"},
      {"zone_minutes: -841", "zone_minutes"},
      {"zone_minutes: 841", "zone_minutes"}};
  for (const auto& [text, field] : rows) {
    const auto refused = Parse(text);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG")) << text;
    EXPECT_EQ(certs::FieldOf(refused.status()), absl::StrCat("mllp[0].", field)) << text;
  }
  for (const char* at_the_edge :
       {"port: 65535", "max_connections: 4096", "max_connections_per_peer: 4096",
        "idle_seconds: 604800", "zone_minutes: 840", "zone_minutes: -840"}) {
    EXPECT_OK(Parse(at_the_edge)) << at_the_edge;
  }
}

TEST(ConnectConfigTest, EveryRequiredFieldIsMissedByItsName) {
  constexpr char kListener[] = "mllp { facility_code: '91350100M000100Y43' }";
  const std::vector<std::string> parts = {"service: 's:1' ", "tls_directory: 'd' ",
                                          "tls_role: 'r' ", kListener};
  const char* const fields[] = {"service", "tls_directory", "tls_role", "mllp"};
  ASSERT_OK(ParseConfig(absl::StrJoin(parts, "")));
  for (size_t left_out = 0; left_out < parts.size(); ++left_out) {
    std::vector<std::string> rest = parts;
    rest[left_out].clear();
    const auto refused = ParseConfig(absl::StrJoin(rest, ""));
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG"));
    EXPECT_EQ(certs::FieldOf(refused.status()), fields[left_out]);
  }
  // Each listener is looked at.
  for (const char* wrong : {"", "facility_code: '91350100M000100Y44'"}) {
    const auto refused =
        ParseConfig(absl::StrCat(absl::StrJoin(parts, ""), " mllp { ", wrong, " }"));
    EXPECT_EQ(certs::FieldOf(refused.status()), "mllp[1].facility_code") << wrong;
  }
}

TEST(ConnectConfigTest, WhatIsNoConfigurationIsRefusedThoughItBeginsAsOne) {
  for (const char* more : {"no_such_field: 1", "port: 'x'", "} }"}) {
    const auto refused = Parse(more);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "CONFIG")) << more;
    EXPECT_EQ(certs::FieldOf(refused.status()), "(file)") << more;
  }
}

TEST(ConnectConfigTest, TheExampleOfTheDocumentationIsValid) {
  const auto config = ParseConfig(tests::ReadSource("deploy/config/birthseal-connect.textproto"));
  ASSERT_OK(config);
  EXPECT_EQ(ListenerOf(config->mllp(0)).idle, absl::Hours(1));
}

}  // namespace
}  // namespace birthseal::connect
