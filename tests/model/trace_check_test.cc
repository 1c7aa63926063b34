// SPDX-License-Identifier: Apache-2.0
// The checker of traces: silent over what the ledger does, and each rule is found broken in a trace
// that differs from the ledger's in one thing.
#include "tests/model/trace_check.h"

#include <functional>
#include <set>

#include "gtest/gtest.h"
#include "store/keys.h"
#include "tests/model/ledger_story.h"

namespace birthseal::tests {
namespace {

using store::Family;
using store::JournalRecord;

const Trace& LedgerTrace() {
  static const auto* const kTrace = new Trace(LedgerStory().trace());
  return *kTrace;
}

std::set<std::string> RulesBroken(const Trace& trace) {
  TraceChecker checker;
  for (const JournalRecord& record : trace) {
    checker.Check(record.sequence, record.fencing_epoch, record.batch);
  }
  std::set<std::string> rules;
  for (const TraceFault& fault : checker.faults()) rules.insert(fault.rule);
  return rules;
}

// Changes the stored record of a family in a batch; false: there is none that `edit` wants.
template <typename Record>
bool Edit(Family family, const std::function<bool(Record*)>& edit, JournalRecord* batch) {
  for (auto& change : batch->batch.changes) {
    Record record;
    if (change.family != family || change.erase || !record.ParseFromString(change.value)) continue;
    if (!edit(&record)) continue;
    change.value = record.SerializeAsString();
    return true;
  }
  return false;
}
template <typename Record>
void EditFirst(Family family, const std::function<bool(Record*)>& edit, Trace* trace) {
  for (JournalRecord& batch : *trace) {
    if (Edit(family, edit, &batch)) return;
  }
  FAIL() << "the trace has no such record";
}

// The first batch with a change of the family, and the change.
store::WriteBatch::Change* FirstChange(Family family, Trace* trace) {
  for (JournalRecord& batch : *trace) {
    for (auto& change : batch.batch.changes) {
      if (change.family == family) return &change;
    }
  }
  return nullptr;
}

// The batch of the exchange, and the old certificate in it.
size_t ExchangeOf(const Trace& trace, store::WriteBatch::Change* old) {
  for (size_t i = 0; i < trace.size(); ++i) {
    for (const auto& change : trace[i].batch.changes) {
      storage::v1::CertificateHead head;
      if (change.family == Family::kCertificates && head.ParseFromString(change.value) &&
          !head.superseded_by().empty()) {
        *old = change;
        return i;
      }
    }
  }
  ADD_FAILURE() << "the trace has no exchange";
  return 0;
}

TEST(TraceCheckTest, TheLedgersOwnTraceHasNoFault) {
  TraceChecker checker;
  for (const JournalRecord& record : LedgerTrace()) {
    checker.Check(record.sequence, record.fencing_epoch, record.batch);
  }
  EXPECT_EQ(checker.Faults(), "");
  for (const char* edge : {"case NONE file_fit",
                           "case SUBMITTED approve",
                           "case APPROVED misprint",
                           "case APPROVED withdraw",
                           "case APPROVED reserve",
                           "case RESERVED issue",
                           "case RESERVED cancel",
                           "certificate NONE issue",
                           "certificate VALID exchange",
                           "certificate VALID revoke",
                           "number IN_STOCK approve",
                           "number ALLOCATED issue",
                           "intent NONE reserve",
                           "intent OPEN issue",
                           "intent OPEN cancel",
                           "log NONE open",
                           "log OPEN append",
                           "writer DOWN acquire",
                           "writer LEADER fence",
                           "writer LEADER commit"}) {
    EXPECT_GT(checker.edges().count(edge), 0u) << edge;
  }
}

TEST(TraceCheckTest, TableFindsACertificateThatIsValidAgain) {
  Trace trace = LedgerTrace();
  store::WriteBatch::Change old;
  const size_t at = ExchangeOf(trace, &old);
  ASSERT_LT(at + 1, trace.size());
  storage::v1::CertificateHead head;
  ASSERT_TRUE(head.ParseFromString(old.value));
  head.set_state(static_cast<int>(certs::CertificateState::kValid));
  trace[at + 1].batch.Put(Family::kCertificates, old.key, head.SerializeAsString());
  EXPECT_EQ(RulesBroken(trace).count("TABLE"), 1u);
}

TEST(TraceCheckTest, TableFindsACaseThatWasNeverApproved) {
  Trace trace = LedgerTrace();
  EditFirst<storage::v1::CaseHead>(
      Family::kCases,
      [](storage::v1::CaseHead* head) {
        if (head->state() != static_cast<int>(certs::CaseState::kSubmitted)) return false;
        head->set_state(static_cast<int>(certs::CaseState::kRefused));
        return true;
      },
      &trace);
  EXPECT_EQ(RulesBroken(trace).count("TABLE"), 1u);
}

TEST(TraceCheckTest, FenceFindsABatchOfTheWriterBefore) {
  Trace trace = LedgerTrace();
  ASSERT_GT(trace.back().fencing_epoch, trace.front().fencing_epoch);
  trace.back().fencing_epoch = trace.front().fencing_epoch;
  EXPECT_EQ(RulesBroken(trace), std::set<std::string>{"FENCE"});
}

TEST(TraceCheckTest, SequenceFindsABatchThatIsMissing) {
  Trace trace = LedgerTrace();
  trace.erase(trace.end() - 2);
  EXPECT_EQ(RulesBroken(trace).count("SEQUENCE"), 1u);
}

TEST(TraceCheckTest, LogFindsALeafWrittenAgain) {
  Trace trace = LedgerTrace();
  const store::WriteBatch::Change leaf = *FirstChange(Family::kLeaves, &trace);
  trace.back().batch.Put(leaf.family, leaf.key, leaf.value);
  EXPECT_EQ(RulesBroken(trace).count("LOG"), 1u);
}

TEST(TraceCheckTest, LogFindsAnEpochWithoutRecovery) {
  Trace trace = LedgerTrace();
  ASSERT_TRUE(Edit<storage::v1::Meta>(
      Family::kMeta,
      [](storage::v1::Meta* meta) {
        meta->set_log_epoch(2);
        return true;
      },
      &trace.back()));
  EXPECT_EQ(RulesBroken(trace).count("LOG"), 1u);
}

TEST(TraceCheckTest, ErasedAndUnreadableAreFound) {
  Trace trace = LedgerTrace();
  const std::string number = FirstChange(Family::kNumbers, &trace)->key;
  trace.back().batch.Erase(Family::kNumbers, number);
  EXPECT_EQ(RulesBroken(trace).count("ERASED"), 1u);
  trace = LedgerTrace();
  FirstChange(Family::kCases, &trace)->value = "\xff";
  EXPECT_EQ(RulesBroken(trace).count("UNREADABLE"), 1u);
}

TEST(TraceCheckTest, SlotFindsAnApprovalThatDoesNotTakeIt) {
  Trace trace = LedgerTrace();
  EditFirst<storage::v1::Newborn>(
      Family::kNewborns,
      [](storage::v1::Newborn* newborn) {
        if (newborn->slot_case().empty()) return false;
        newborn->clear_slot_case();
        return true;
      },
      &trace);
  EXPECT_EQ(RulesBroken(trace).count("SLOT"), 1u);
}

TEST(TraceCheckTest, NumberFindsOneThatServesAnother) {
  Trace trace = LedgerTrace();
  EditFirst<storage::v1::NumberRecord>(
      Family::kNumbers,
      [](storage::v1::NumberRecord* record) {
        if (record->state() != static_cast<int>(certs::NumberState::kUsed)) return false;
        record->set_newborn_id(std::string(16, 'x'));
        return true;
      },
      &trace);
  EXPECT_EQ(RulesBroken(trace), std::set<std::string>{"NUMBER"});
}

TEST(TraceCheckTest, IntentFindsAReservationThatIsNotKept) {
  Trace trace = LedgerTrace();
  FirstChange(Family::kReservations, &trace)->erase = true;
  EXPECT_EQ(RulesBroken(trace), std::set<std::string>{"INTENT"});
}

TEST(TraceCheckTest, OneValidFindsTwo) {
  Trace trace = LedgerTrace();
  store::WriteBatch::Change old;
  const size_t at = ExchangeOf(trace, &old);
  auto& changes = trace[at].batch.changes;
  for (auto it = changes.begin(); it != changes.end(); ++it) {
    if (it->family != Family::kCertificates || it->key != old.key) continue;
    changes.erase(it);
    break;
  }
  const std::set<std::string> rules = RulesBroken(trace);
  EXPECT_EQ(rules.count("ONE_VALID"), 1u);
  EXPECT_EQ(rules.count("TOGETHER"), 1u);
}

TEST(TraceCheckTest, TogetherFindsAnOldOneThatEndsInABatchBefore) {
  Trace trace = LedgerTrace();
  store::WriteBatch::Change old;
  const size_t at = ExchangeOf(trace, &old);
  ASSERT_GT(at, 0u);
  trace[at - 1].batch.changes.push_back(old);
  EXPECT_EQ(RulesBroken(trace).count("TOGETHER"), 1u);
}

TEST(TraceCheckTest, LeafFindsAnEndThatIsNotInTheLog) {
  Trace trace = LedgerTrace();
  store::WriteBatch::Change old;
  for (auto& change : trace[ExchangeOf(trace, &old)].batch.changes) {
    if (change.family != Family::kLeaves) continue;
    auto leaf = certs::ParseLeaf(change.value);
    ASSERT_OK(leaf);
    if (leaf->kind != certs::LeafKind::kVoided) continue;
    leaf->kind = certs::LeafKind::kSealSuspended;
    change.value = certs::Canonical(*leaf);
  }
  EXPECT_EQ(RulesBroken(trace), std::set<std::string>{"LEAF"});
}

}  // namespace
}  // namespace birthseal::tests
