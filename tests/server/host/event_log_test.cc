// SPDX-License-Identifier: Apache-2.0
#include "server/host/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace birthseal::server {
namespace {

TEST(EventLogTest, ALineIsOneJsonObjectWhateverTheValues) {
  testing::internal::CaptureStderr();
  LogEvent(LogLevel::kWarning, "event", {{"a", "x\"\n\\"}, {"b", int64_t{3}}});
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_THAT(
      line, testing::MatchesRegex(R"re(\{"time":"....-..-..T..:..:......Z","level":"warning",.*)re"
                                  "\n"));
  EXPECT_THAT(line,
              testing::EndsWith(R"("level":"warning","event":"event","a":"x\"\u000a\\","b":"3"})"
                                "\n"));
}

}  // namespace
}  // namespace birthseal::server
