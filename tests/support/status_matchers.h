// SPDX-License-Identifier: Apache-2.0
// StatusIs and IsOk, which this abseil release lacks. Tests assert codes and reasons, never text.
#pragma once

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "certs/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace birthseal::tests {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& value) {
  return value.status();
}

MATCHER(IsOk, "is OK") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.ok();
}
MATCHER_P(StatusIs, code, "has status code " + absl::StatusCodeToString(code)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString();
  return status.code() == code;
}
MATCHER_P2(StatusIs, code, reason,
           "has status code " + absl::StatusCodeToString(code) + " and reason " +
               std::string(reason)) {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status.ToString() << " reason " << certs::ReasonOf(status);
  return status.code() == code && certs::ReasonOf(status) == reason;
}

}  // namespace birthseal::tests

#define ASSERT_OK(expr) ASSERT_THAT((expr), ::birthseal::tests::IsOk())
#define EXPECT_OK(expr) EXPECT_THAT((expr), ::birthseal::tests::IsOk())
