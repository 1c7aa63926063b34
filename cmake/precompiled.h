// SPDX-License-Identifier: Apache-2.0
// What nine of ten sources read, once for all of them: only the builds of the sanitizers and the
// fuzzers take it (cmake/precompiled.cmake). The release build does without, and so finds the
// source that forgot an include.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
