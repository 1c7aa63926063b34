// SPDX-License-Identifier: Apache-2.0
// Numbers of the log, each kind a type of its own: an index is not a size, an epoch is
// neither, and a bare number becomes one of them only where its name is written.
//
// Plain values, thread-safe as such. `value()` is for records, messages and arithmetic.
#pragma once

#include <cstdint>
#include <ostream>

namespace birthseal::certs {

template <class Tag>
class Number {
 public:
  constexpr Number() = default;
  constexpr explicit Number(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }
  constexpr Number Plus(uint64_t more) const { return Number(value_ + more); }

  friend constexpr bool operator==(Number a, Number b) { return a.value_ == b.value_; }
  friend constexpr bool operator!=(Number a, Number b) { return a.value_ != b.value_; }
  friend constexpr bool operator<(Number a, Number b) { return a.value_ < b.value_; }
  friend constexpr bool operator<=(Number a, Number b) { return a.value_ <= b.value_; }
  friend constexpr bool operator>(Number a, Number b) { return a.value_ > b.value_; }
  friend constexpr bool operator>=(Number a, Number b) { return a.value_ >= b.value_; }
  friend std::ostream& operator<<(std::ostream& out, Number n) { return out << n.value_; }

 private:
  uint64_t value_ = 0;
};

// A stretch of one log between two recoveries that lost leaves (日志纪元), from 1. 0: none.
using LogEpoch = Number<struct LogEpochTag>;
// Where a read says that it takes it: whichever epoch the log is in.
inline constexpr LogEpoch kCurrentEpoch{0};
// A leaf's number in the tree of its epoch, from 0.
using LeafIndex = Number<struct LeafIndexTag>;
// How many leaves a tree has.
using LogSize = Number<struct LogSizeTag>;
// A certificate's running number, where its status stands (状态序号), from 1; 0: of none. No place.
using StatusIndex = Number<struct StatusIndexTag>;

// The smallest tree that holds the leaf.
constexpr LogSize EndOf(LeafIndex index) { return LogSize(index.value() + 1); }
constexpr bool Holds(LogSize size, LeafIndex index) { return index.value() < size.value(); }

// How far a log had come (日志位置). A later epoch is further, whatever its size: it stands on the
// one before.
struct LogPosition {
  LogEpoch epoch{1};
  LogSize size;

  friend constexpr bool operator==(const LogPosition& a, const LogPosition& b) {
    return a.epoch == b.epoch && a.size == b.size;
  }
  friend constexpr bool operator!=(const LogPosition& a, const LogPosition& b) { return !(a == b); }
  friend constexpr bool operator<(const LogPosition& a, const LogPosition& b) {
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.size < b.size;
  }
  friend constexpr bool operator<=(const LogPosition& a, const LogPosition& b) { return !(b < a); }
  friend constexpr bool operator>(const LogPosition& a, const LogPosition& b) { return b < a; }
  friend constexpr bool operator>=(const LogPosition& a, const LogPosition& b) { return !(a < b); }
  friend std::ostream& operator<<(std::ostream& out, const LogPosition& at) {
    return out << "epoch " << at.epoch << " size " << at.size;
  }
};

}  // namespace birthseal::certs
