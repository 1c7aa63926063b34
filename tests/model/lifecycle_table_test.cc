// SPDX-License-Identifier: Apache-2.0
// certs/lifecycle.cc and transitions.txt are the same table: every state with every event, every
// state with every state.
#include <iterator>
#include <map>

#include "certs/lifecycle.h"
#include "gtest/gtest.h"
#include "tests/model/transition_table.h"

namespace birthseal::tests {
namespace {

using certs::CaseEvent;
using certs::CaseState;
using certs::CertificateState;
using certs::NumberState;

const std::map<std::string, CaseEvent>& CaseEvents() {
  static const auto* const kEvents =
      new std::map<std::string, CaseEvent>{{"resubmit_fit", CaseEvent::kResubmitFit},
                                           {"resubmit_defective", CaseEvent::kResubmitDefective},
                                           {"resubmit_awaiting", CaseEvent::kResubmitAwaiting},
                                           {"approve", CaseEvent::kApprove},
                                           {"misprint", CaseEvent::kMisprint},
                                           {"reserve", CaseEvent::kReserve},
                                           {"issue", CaseEvent::kIssue},
                                           {"cancel", CaseEvent::kCancel},
                                           {"refuse", CaseEvent::kRefuse},
                                           {"withdraw", CaseEvent::kWithdraw}};
  return *kEvents;
}

// All states, by the names of the table; those of the first state stand for "no record".
std::map<std::string, CaseState> CaseStates() {
  std::map<std::string, CaseState> states;
  for (int i = 1; certs::Name(static_cast<CaseState>(i)) != "UNKNOWN"; ++i) {
    states[std::string(certs::Name(static_cast<CaseState>(i)))] = static_cast<CaseState>(i);
  }
  return states;
}

TEST(LifecycleTableTest, EveryCaseStateWithEveryEvent) {
  const TransitionTable& table = TransitionTable::OfRepository();
  const auto states = CaseStates();
  EXPECT_EQ(states.size(), static_cast<size_t>(CaseState::kWithdrawn));
  ASSERT_EQ(table.States("case").size(), states.size() + 1);  // and NONE
  for (const auto& [name, state] : states) {
    ASSERT_EQ(table.States("case").count(name), 1u) << name;
    for (const auto& [event_name, event] : CaseEvents()) {
      const std::optional<CaseState> lawful = certs::Next(state, event);
      const auto next = table.Next("case", name, event_name);
      EXPECT_EQ(next.has_value(), lawful.has_value()) << name << " " << event_name;
      if (lawful && next) EXPECT_EQ(states.at(*next), *lawful) << name << " " << event_name;
    }
  }
}

TEST(LifecycleTableTest, NoEventOfCasesIsMissing) {
  // The last of the enumeration; filing is no event of a case that is there.
  EXPECT_EQ(CaseEvents().size(), static_cast<size_t>(CaseEvent::kWithdraw) + 1);
  const TransitionTable& table = TransitionTable::OfRepository();
  for (const std::string& event : table.Events("case")) {
    EXPECT_TRUE(CaseEvents().count(event) == 1 || table.Next("case", "NONE", event)) << event;
  }
}

TEST(LifecycleTableTest, EveryCertificateStateWithEveryOther) {
  const TransitionTable& table = TransitionTable::OfRepository();
  EXPECT_EQ(table.States("certificate").size(), 5u);  // and NONE
  for (int from = 1; from <= 4; ++from) {
    for (int to = 1; to <= 4; ++to) {
      const auto a = static_cast<CertificateState>(from), b = static_cast<CertificateState>(to);
      EXPECT_EQ(table.Way("certificate", std::string(Name(a)), std::string(Name(b))).has_value(),
                certs::MayBecome(a, b))
          << Name(a) << " " << Name(b);
    }
  }
}

TEST(LifecycleTableTest, EveryNumberStateWithEveryOther) {
  const TransitionTable& table = TransitionTable::OfRepository();
  const char* const kNames[] = {"IN_STOCK", "ALLOCATED", "USED", "WASTE"};
  EXPECT_EQ(table.States("number").size(), std::size(kNames));
  for (int from = 0; from < 4; ++from) {
    for (int to = 0; to < 4; ++to) {
      // One edge, not a way of several.
      bool edge = false;
      for (const std::string& event : table.Events("number")) {
        edge = edge || table.Next("number", kNames[from], event) == std::string(kNames[to]);
      }
      EXPECT_EQ(edge, MayBecome(static_cast<NumberState>(from), static_cast<NumberState>(to)))
          << kNames[from] << " " << kNames[to];
    }
  }
}

TEST(TransitionTableTest, RefusesWhatIsNoEdge) {
  EXPECT_FALSE(TransitionTable::Read("case NONE file\n").ok());
  EXPECT_FALSE(TransitionTable::Read("case NONE file FILED\ncase NONE file OTHER\n").ok());
  const auto table = TransitionTable::Read("# a comment\ndoor SHUT open OPEN # and another\n");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->First("door"), "SHUT");
  EXPECT_EQ(table->Next("door", "SHUT", "open"), "OPEN");
  EXPECT_FALSE(table->Next("door", "OPEN", "open"));
  EXPECT_FALSE(table->Way("door", "OPEN", "SHUT"));
}

}  // namespace
}  // namespace birthseal::tests
