// SPDX-License-Identifier: Apache-2.0
// What a hospital's day is made of: twins, updates, withdrawals, merged numbers, rare names, many
// messages on one connection, and peers that misbehave.
#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "clients/connect/mllp/listener.h"
#include "tests/integration/feed_fixture.h"
#include "tests/support/birth_messages.h"
#include "tests/support/mllp_peer.h"

namespace birthseal::tests {
namespace {

using connect::hl7::Charset;

constexpr absl::Duration kDay = absl::Hours(24);

// One newborn as an invented hospital system writes it.
struct Baby {
  int n;                  // the birth, with its mother (BirthOf)
  std::string number;     // PID-3
  int order = 1, of = 1;  // PID-25 and plurality
  std::string place = "贵州省^云岭市^云岭县^529901";
  std::string mothers_number = "M900";
  int weight = 3200;
};

class HospitalMessages : public FeedTest {
 protected:
  // Every message is a minute younger than the one before.
  std::string Message(const std::string& trigger, const Baby& baby, const std::string& more = "") {
    ++messages_;
    const std::string time = absl::FormatTime("%Y%m%d%H%M%S", start_ + absl::Minutes(messages_),
                                              absl::FixedTimeZone(8 * 3600));
    const v1::Delivery birth = BirthOf(baby.n, kHospital, "");
    const std::string born =
        absl::StrReplaceAll(birth.birth_time(), {{"-", ""}, {":", ""}, {"T", ""}});
    return absl::StrCat(
        "MSH|^~\\&|HIS|YL|BS|P|", time, "||ADT^", trigger, "|C", messages_, "|P|2.5.1\r", "EVN|",
        trigger, "|", time, "\r", "PID|1||", baby.number, "^^^YL^MR||BABY^", baby.n, "||", born,
        "|F|||||||||||||", baby.mothers_number.empty() ? "" : baby.mothers_number + "^^^YL^MR",
        "||", baby.place, "|", baby.of > 1 ? "Y" : "N", "|", baby.order, "\r", more,
        "PV1|1|NEWBORN||NB\r", "NK1|1|LIN^WANZHOU|MTH^Mother^HL70063", std::string(30, '|'),
        birth.mother_id_number(), "^^^^NI\r", "OBX|1|NM|8339-4^Weight^LN||", baby.weight, "|g\r",
        "OBX|2|NM|57722-1^Plurality^LN||", baby.of, "\r", "DG1|1||Z38.0\r");
  }
  std::unique_ptr<connect::mllp::Listener> Listen() {
    auto listener = connect::mllp::Listener::Start(
        {}, [this](const std::string& message) { return Answer(message); });
    EXPECT_OK(listener);
    return *std::move(listener);
  }
  // MSA-1 and MSA-2: "AA|C1".
  static std::string Acknowledged(const std::string& answer) {
    const size_t at = answer.find("\rMSA|");
    if (at == std::string::npos) return answer;
    const std::vector<std::string> fields = absl::StrSplit(answer.substr(at + 1), '|');
    return absl::StrCat(fields[1], "|", std::string(absl::StripAsciiWhitespace(fields[2])));
  }

  const absl::Time start_ = absl::Now() - 2 * kDay;
  int messages_ = 0;
};

TEST_F(HospitalMessages, TheSecondTwinMayArriveFirst) {
  const auto second = Send(Message("A01", {1, "B1b", 2, 2}));
  const auto first = Send(Message("A01", {1, "B1a", 1, 2}));
  EXPECT_EQ(second.verdict(), v1::FEED_VERDICT_ACCEPTED) << second.ShortDebugString();
  EXPECT_EQ(first.verdict(), v1::FEED_VERDICT_ACCEPTED) << first.ShortDebugString();
  EXPECT_NE(first.newborn_id(), second.newborn_id());
  EXPECT_EQ(RecordOf("B1b").delivery().birth_order(), 2);
  EXPECT_EQ(RecordOf("B1a").delivery().birth_order(), 1);
}

TEST_F(HospitalMessages, AnUpdateChangesKeepsAndClears) {
  Baby baby{1, "B1"};
  const auto first = Send(Message("A01", baby));
  ASSERT_EQ(first.verdict(), v1::FEED_VERDICT_ACCEPTED) << first.ShortDebugString();
  EXPECT_EQ(RecordOf("B1").delivery().birth_place().county(), "云岭县");
  baby.weight = 3310;        // changed
  baby.mothers_number = "";  // empty: keep
  baby.place = "\"\"";       // null: clear
  const auto update = Send(Message("A08", baby));
  EXPECT_EQ(update.verdict(), v1::FEED_VERDICT_ACCEPTED) << update.ShortDebugString();
  EXPECT_EQ(update.newborn_id(), first.newborn_id());
  const v1::Delivery record = RecordOf("B1").delivery();
  EXPECT_EQ(record.birth_weight_g(), 3310);
  EXPECT_EQ(record.mother_inpatient_no(), "M900");
  EXPECT_EQ(record.birth_place().county(), "");
}

TEST_F(HospitalMessages, AWithdrawalStandsUntilAnAdmissionComesAgain) {
  const auto first = Send(Message("A01", {1, "B1"}));
  EXPECT_EQ(Send(Message("A11", {1, "B1"})).verdict(), v1::FEED_VERDICT_ACCEPTED);
  EXPECT_TRUE(RecordOf("B1").withdrawn());
  const auto again = Send(Message("A01", {1, "B1"}));
  EXPECT_EQ(again.verdict(), v1::FEED_VERDICT_ACCEPTED) << again.ShortDebugString();
  EXPECT_EQ(again.newborn_id(), first.newborn_id());
  EXPECT_FALSE(RecordOf("B1").withdrawn());
}

TEST_F(HospitalMessages, NumbersMergedBeforeTheAdmissionNameOneBaby) {
  const auto merged = Send(Message("A40", {1, "B2"}, "MRG|B1^^^YL^MR\r"));
  EXPECT_EQ(merged.verdict(), v1::FEED_VERDICT_ACCEPTED) << merged.ShortDebugString();
  const auto kept = Send(Message("A01", {1, "B2"}));
  const auto gone = Send(Message("A08", {1, "B1"}));
  EXPECT_EQ(kept.verdict(), v1::FEED_VERDICT_ACCEPTED) << kept.ShortDebugString();
  EXPECT_EQ(gone.verdict(), v1::FEED_VERDICT_ACCEPTED) << gone.ShortDebugString();
  EXPECT_EQ(kept.newborn_id(), gone.newborn_id());
}

TEST_F(HospitalMessages, NumbersMergedAfterTheAdmissionNameOneBaby) {
  const auto first = Send(Message("A01", {1, "B1"}));
  EXPECT_EQ(Send(Message("A40", {1, "B2"}, "MRG|B1^^^YL^MR\r")).verdict(),
            v1::FEED_VERDICT_ACCEPTED);
  const auto update = Send(Message("A08", {1, "B2"}));
  EXPECT_EQ(update.verdict(), v1::FEED_VERDICT_ACCEPTED) << update.ShortDebugString();
  EXPECT_EQ(update.newborn_id(), first.newborn_id());
  // The same merge again changes nothing.
  EXPECT_EQ(Send(Message("A40", {1, "B2"}, "MRG|B1^^^YL^MR\r")).verdict(),
            v1::FEED_VERDICT_ACCEPTED);
}

TEST_F(HospitalMessages, AnOutcomeThatIsUnknownOrContradictedWaitsForAPersonAndIsNoLiveBirth) {
  const char* const kOutcomes[] = {
      "OBX|9|CWE|DE06.00.026.00^分娩结局||01\r", "OBX|9|CWE|DE06.00.026.00^分娩结局||UNK\r",
      "OBX|9|CWE|73757-7^Living^LN||LA32-8^No^LN\rDG1|1||Z38.0\r", "DG1|1||Z37.300\r",
      "OBX|9|CWE|DE06.00.026.00^分娩结局||死产\rDG1|1||Z38.0\r"};
  int n = 0;
  for (const char* outcome : kOutcomes) {
    const std::string number = absl::StrCat("B", ++n);
    const auto verdict =
        Send(absl::StrReplaceAll(Message("A01", {n, number, 1, 1, "", absl::StrCat("M", n)}),
                                 {{"DG1|1||Z38.0\r", outcome}}));
    EXPECT_EQ(verdict.verdict(), v1::FEED_VERDICT_REVIEW) << outcome;
    EXPECT_EQ(RecordOf(number).delivery().outcome(), v1::OUTCOME_UNSPECIFIED) << outcome;
    EXPECT_TRUE(RecordOf(number).in_review()) << outcome;
  }
}

TEST_F(HospitalMessages, AnUnreadableBirthTimeThatMayBeAnInfantsWaitsForAPerson) {
  const std::string now =
      absl::FormatTime("%Y%m%d%H%M%S", absl::Now(), absl::FixedTimeZone(8 * 3600));
  const auto verdict = Send(absl::StrCat("MSH|^~\\&|HIS|YL|BS|P|", now, "||ADT^A01|C1|P|2.5.1\r",
                                         "PID|1||B1^^^YL^MR||BABY||", now.substr(0, 6), "|F\r"));
  EXPECT_EQ(verdict.verdict(), v1::FEED_VERDICT_REVIEW) << verdict.ShortDebugString();
  EXPECT_TRUE(RecordOf("B1").in_review());
  EXPECT_EQ(RecordOf("B1").delivery().birth_time(), "");
}

TEST_F(HospitalMessages, ADoubtfulUpdateTakesTheOutcomeBackUntilAPersonStatesIt) {
  ASSERT_EQ(Send(Message("A01", {1, "B1"})).verdict(), v1::FEED_VERDICT_ACCEPTED);
  EXPECT_EQ(RecordOf("B1").delivery().outcome(), v1::OUTCOME_LIVE);
  const auto doubted = Send(absl::StrReplaceAll(
      Message("A08", {1, "B1"}), {{"DG1|1||Z38.0\r", "OBX|9|CWE|73757-7^Living^LN||N\r"}}));
  EXPECT_EQ(doubted.verdict(), v1::FEED_VERDICT_REVIEW);
  v1::ResolveReviewRequest decided;
  decided.set_request_id("00000000-0000-4000-8000-000000000031");
  decided.set_delivery_id(doubted.delivery_id());
  decided.set_decision(v1::REVIEW_DECISION_ACCEPT);
  decided.set_operator_id("issuer-1");
  decided.set_reason("产房记录核对");
  EXPECT_OK(client_->ResolveReview(decided));
  const auto accepted = RecordOf("B1");
  EXPECT_EQ(accepted.delivery().outcome(), v1::OUTCOME_UNSPECIFIED);
  v1::SubmitApplicationRequest filing;
  filing.set_request_id("00000000-0000-4000-8000-000000000032");
  *filing.mutable_application() =
      ApplicationFor(accepted.delivery(), accepted.newborn_id(), kHospital);
  const auto filed = client_->SubmitApplication(filing);
  ASSERT_OK(filed);
  EXPECT_EQ(filed->state(), v1::CASE_STATE_RETURNED);
  EXPECT_NE(filed->ShortDebugString().find("OUTCOME_NOT_REPORTED"), std::string::npos);
}

TEST_F(HospitalMessages, ANewbornWithoutAKnownMotherIsKeptForAPerson) {
  const std::string named = Message("A01", {1, "B1"});
  const size_t kin = named.find("NK1|"), end = named.find('\r', kin) + 1;
  const auto verdict =
      Send(absl::StrReplaceAll(named, {{named.substr(kin, end - kin), "NK1|1|LIN^WANZHOU|姥姥\r"},
                                       {"PV1|1|NEWBORN||NB\r", "PV1|1|I\r"},
                                       {"|M900^^^YL^MR", "|"},
                                       {"OBX|1|NM|8339-4^Weight^LN||3200|g\r", ""}}));
  EXPECT_EQ(verdict.verdict(), v1::FEED_VERDICT_REVIEW);
  EXPECT_EQ(RecordOf("B1").delivery().mother_name(), "");
  const auto coded = Send(absl::StrReplaceAll(Message("A01", {2, "B2"}),
                                              {{"MTH^Mother^HL70063", "52^母亲^GB/T 4761"}}));
  EXPECT_EQ(coded.verdict(), v1::FEED_VERDICT_ACCEPTED) << coded.ShortDebugString();
}

TEST_F(HospitalMessages, TwoMessagesInOneFrameChangeNothing) {
  ASSERT_EQ(Send(Message("A01", {1, "B1"})).verdict(), v1::FEED_VERDICT_ACCEPTED);
  const std::string frame = Message("A08", {1, "B1"}) + Message("A11", {1, "B1"});
  EXPECT_EQ(Acknowledged(Answer(frame).answer), "AR|C2");
  const auto refused = link_->Take();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].verdict.verdict(), v1::FEED_VERDICT_REJECTED);
  const auto kept = RawMessage(refused[0].verdict.delivery_id());
  ASSERT_OK(kept);
  EXPECT_EQ(*kept, frame);
  EXPECT_FALSE(RecordOf("B1").withdrawn());
}

TEST_F(HospitalMessages, HalfAFrameThatIsBegunAnewIsNoRecord) {
  const auto listener = Listen();
  MllpPeer peer(listener->port());
  const std::string half = Message("A01", {1, "B1"});
  peer.SendBytes("\x0B" + half.substr(0, half.find("PV1")));
  peer.Send(Message("A01", {2, "B2"}));
  EXPECT_EQ(Acknowledged(peer.Receive()), "AA|C2");
  EXPECT_EQ(link_->Take().size(), 1u);
  EXPECT_EQ(RecordOf("B2").delivery().mother_id_number(),
            BirthOf(2, kHospital, "").mother_id_number());
}

TEST_F(HospitalMessages, TwoBabiesAreNeverMergedByAMessage) {
  const Baby one{1, "B1"};
  Baby two{2, "B2"};
  two.mothers_number = "M901";
  EXPECT_EQ(Send(Message("A01", one)).verdict(), v1::FEED_VERDICT_ACCEPTED);
  EXPECT_EQ(Send(Message("A01", two)).verdict(), v1::FEED_VERDICT_ACCEPTED);
  EXPECT_EQ(Send(Message("A40", two, "MRG|B1^^^YL^MR\r")).verdict(), v1::FEED_VERDICT_REVIEW);
  EXPECT_NE(RecordOf("B1").newborn_id(), RecordOf("B2").newborn_id());
  EXPECT_TRUE(RecordOf("B1").in_review());  // held until a person has decided
}

TEST_F(HospitalMessages, RareNamesInGb18030ArriveWhole) {
  std::string message = Message("A01", {1, "B1"});
  message = absl::StrReplaceAll(
      message, {{"LIN^WANZHOU", "\xB3\xC2^\xAB\x5E\xFE\x59"}, {"贵州省^云岭市^云岭县^529901", ""}});
  const auto verdict = Send(message, Charset::kGb18030);
  EXPECT_EQ(verdict.verdict(), v1::FEED_VERDICT_ACCEPTED) << verdict.ShortDebugString();
  EXPECT_EQ(RecordOf("B1").delivery().mother_name(), "陈玘龴");
  const auto kept = RawMessage(verdict.delivery_id());
  ASSERT_OK(kept);
  EXPECT_EQ(*kept, message);
}

TEST_F(HospitalMessages, APeerThatAcknowledgesOurAnswerStartsNoLoop) {
  const auto listener = Listen();
  MllpPeer peer(listener->port());
  for (int n = 1; n <= 3; ++n) {
    peer.Send(Message("A01", {n, absl::StrCat("B", n)}));
    EXPECT_EQ(Acknowledged(peer.Receive()), absl::StrCat("AA|C", n));
    peer.Send(absl::StrCat("MSH|^~\\&|HIS|YL|BS|P|20260101||ACK|AC", n, "|P|2.5.1\rMSA|AA|AC", n,
                           "\r"));  // the next answer is that of the next message
  }
}

TEST_F(HospitalMessages, AnIndependentSenderIsAnswered) {
  const auto listener = Listen();
  const std::string message = Message("A01", {1, "B1"});
  std::string answer;
  if (access("/usr/bin/mllp_send", X_OK) == 0) {
    TempDir directory;
    WriteFile(directory.Join("message.hl7"), message);
    // The packaged module is that of the system's interpreter.
    FILE* sender = popen(
        absl::StrCat("/usr/bin/python3 /usr/bin/mllp_send --loose --file ",
                     directory.Join("message.hl7"), " --port ", listener->port(), " 127.0.0.1 2>&1")
            .c_str(),
        "r");
    ASSERT_NE(sender, nullptr);
    char buffer[4096];
    while (const size_t got = fread(buffer, 1, sizeof buffer, sender)) answer.append(buffer, got);
    EXPECT_EQ(pclose(sender), 0);
  } else {
    MllpPeer peer(listener->port());
    peer.Send(message);
    answer = peer.Receive();
  }
  EXPECT_NE(answer.find("MSA|AA|C1"), std::string::npos) << answer;
  EXPECT_EQ(RecordOf("B1").delivery().birth_weight_g(), 3200);
}

TEST_F(HospitalMessages, TwoThousandMessagesOnOneConnectionAreAnsweredInOrder) {
  constexpr int kMessages = 2000;
  const auto listener = Listen();
  MllpPeer peer(listener->port());
  std::vector<std::string> messages;
  for (int n = 1; n <= kMessages; ++n) {
    messages.push_back(Message("A01", {n, absl::StrCat("B", n), 1, 1, "", absl::StrCat("M", n)}));
  }
  std::thread sender([&] {
    for (const std::string& message : messages) peer.Send(message);
  });
  int in_order = 0;
  for (int n = 1; n <= kMessages; ++n) {
    in_order += Acknowledged(peer.Receive()) == absl::StrCat("AA|C", n);
  }
  sender.join();
  EXPECT_EQ(in_order, kMessages);
  int accepted = 0;
  for (const WatchedLink::Pushed& one : link_->Take()) {
    accepted += one.verdict.verdict() == v1::FEED_VERDICT_ACCEPTED;
  }
  EXPECT_EQ(accepted, kMessages);
}

}  // namespace
}  // namespace birthseal::tests
