// SPDX-License-Identifier: Apache-2.0
// ASSIGN_OR_RETURN and RETURN_IF_ERROR for absl::Status, as this abseil release lacks them.
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expr)                                         \
  do {                                                                \
    if (absl::Status _status = (expr); !_status.ok()) return _status; \
  } while (false)

#define BIRTHSEAL_CONCAT_INNER(a, b) a##b
#define BIRTHSEAL_CONCAT(a, b) BIRTHSEAL_CONCAT_INNER(a, b)
#define ASSIGN_OR_RETURN(lhs, expr) \
  BIRTHSEAL_ASSIGN_OR_RETURN(BIRTHSEAL_CONCAT(_statusor_, __LINE__), lhs, expr)
#define BIRTHSEAL_ASSIGN_OR_RETURN(tmp, lhs, expr) \
  auto tmp = (expr);                               \
  if (!tmp.ok()) return std::move(tmp).status();   \
  lhs = *std::move(tmp)
