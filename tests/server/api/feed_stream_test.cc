// SPDX-License-Identifier: Apache-2.0
#include "server/api/feed_stream.h"

#include <vector>

#include "certs/errors.h"
#include "gtest/gtest.h"
#include "tests/support/callers.h"
#include "tests/support/status_matchers.h"

namespace birthseal::server {
namespace {

using tests::StatusIs;
using What = FeedStream::Action::What;

class FeedStreamTest : public testing::Test {
 protected:
  absl::Status Receive(uint64_t seq) {
    v1::PushDeliveriesRequest request;
    request.set_seq(seq);
    return stream_.Received(caller_, std::move(request));
  }
  // Receives `count` messages as the reactor would and gives all to a worker.
  std::vector<FeedStream::Slot*> Fill(int count) {
    std::vector<FeedStream::Slot*> slots;
    for (int i = 1; i <= count; ++i) {
      EXPECT_EQ(stream_.Next().what, What::kRead);
      EXPECT_OK(Receive(i));
    }
    EXPECT_TRUE(stream_.TakeTurn());
    while (FeedStream::Slot* slot = stream_.NextForWorker()) slots.push_back(slot);
    return slots;
  }
  // Reads may stand between; gives the sequence and verdict written next.
  std::pair<uint64_t, int> Write() {
    FeedStream::Action action = stream_.Next();
    if (action.what == What::kRead) action = stream_.Next();
    if (action.what != What::kWrite) return {0, 0};
    const std::pair<uint64_t, int> written{action.response->seq(), action.response->verdict()};
    durable_ = action.response->durable_seq();
    stream_.Written(true);
    return written;
  }
  static store::DeliveryAnswer Accepted() { return {}; }

  std::shared_ptr<const Caller> caller_ =
      std::make_shared<const Caller>(tests::MakeCaller("", {Role::kHospital}));
  FeedStream stream_{3};
  uint64_t durable_ = 0;
};

TEST_F(FeedStreamTest, VerdictsAreWrittenInOrderHoweverTheyCome) {
  const auto slots = Fill(3);
  stream_.Answered(slots[2], Accepted());
  stream_.Answered(slots[1], Accepted());
  EXPECT_EQ(stream_.Next().what, What::kNothing);
  stream_.Answered(slots[0], Accepted());
  EXPECT_EQ(Write(), std::make_pair(uint64_t{1}, int{v1::FEED_VERDICT_ACCEPTED}));
  EXPECT_EQ(Write(), std::make_pair(uint64_t{2}, int{v1::FEED_VERDICT_ACCEPTED}));
  EXPECT_EQ(Write(), std::make_pair(uint64_t{3}, int{v1::FEED_VERDICT_ACCEPTED}));
  EXPECT_EQ(durable_, 3u);
}

TEST_F(FeedStreamTest, ReadingStopsAtTheWindowAndGoesOnAfterAnAnswer) {
  const auto slots = Fill(3);
  EXPECT_EQ(stream_.Next().what, What::kNothing);
  stream_.Answered(slots[0], Accepted());
  EXPECT_EQ(Write().first, 1u);
  EXPECT_EQ(stream_.Next().what, What::kRead);
}

TEST_F(FeedStreamTest, SequencesMustAscend) {
  EXPECT_EQ(stream_.Next().what, What::kRead);
  EXPECT_OK(Receive(5));
  EXPECT_THAT(Receive(5), StatusIs(absl::StatusCode::kInvalidArgument, "SEQ_NOT_ASCENDING"));
}

TEST_F(FeedStreamTest, AMessageToSendAgainHoldsTheDurableSequence) {
  const auto slots = Fill(3);
  stream_.Answered(slots[0], Accepted());
  stream_.Answered(slots[1], certs::Error(absl::StatusCode::kAborted, "RECORD_MOVED_ON", "again"));
  stream_.Answered(slots[2], Accepted());
  EXPECT_EQ(Write().second, v1::FEED_VERDICT_ACCEPTED);
  EXPECT_EQ(Write().second, v1::FEED_VERDICT_RETRY_LATER);
  EXPECT_EQ(Write().second, v1::FEED_VERDICT_ACCEPTED);
  EXPECT_EQ(durable_, 1u);
}

TEST_F(FeedStreamTest, AMalformedMessageIsRejectedAloneWithReasonAndField) {
  const auto slots = Fill(1);
  stream_.Answered(slots[0], certs::Error(absl::StatusCode::kInvalidArgument, "DIGEST_SIZE", "",
                                          "content_digest"));
  const v1::PushDeliveriesResponse& response = slots[0]->response;
  EXPECT_EQ(response.verdict(), v1::FEED_VERDICT_REJECTED);
  ASSERT_EQ(response.defects_size(), 1);
  EXPECT_EQ(response.defects(0).code(), "DIGEST_SIZE");
  EXPECT_EQ(response.defects(0).location(), "content_digest");
}

TEST_F(FeedStreamTest, AMessageWithoutIdentityIsRejectedAndTheStreamGoesOn) {
  const auto slots = Fill(2);
  stream_.Answered(slots[0], certs::Error(absl::StatusCode::kInvalidArgument, "IDENTITY_EMPTY", "",
                                          "content_digest"));
  stream_.Answered(slots[1], Accepted());
  EXPECT_EQ(slots[0]->response.defects(0).location(), "content_digest");
  EXPECT_EQ(Write(), std::make_pair(uint64_t{1}, int{v1::FEED_VERDICT_REJECTED}));
  EXPECT_EQ(Write(), std::make_pair(uint64_t{2}, int{v1::FEED_VERDICT_ACCEPTED}));
}

TEST_F(FeedStreamTest, AStoreThatIsAwayEndsTheStreamAfterWhatWasAnsweredBefore) {
  const auto slots = Fill(3);
  stream_.Answered(slots[2], Accepted());
  stream_.Answered(slots[1], certs::Error(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN", ""));
  stream_.Answered(slots[0], Accepted());
  EXPECT_EQ(Write().first, 1u);
  const FeedStream::Action end = stream_.Next();
  EXPECT_EQ(end.what, What::kFinish);
  EXPECT_THAT(end.status, StatusIs(absl::StatusCode::kUnavailable, "OUTCOME_UNKNOWN"));
  EXPECT_EQ(stream_.Next().what, What::kNothing);
}

TEST_F(FeedStreamTest, OneWorkerAtATimeAndNoneForNothing) {
  EXPECT_FALSE(stream_.TakeTurn());
  EXPECT_EQ(stream_.NextForWorker(), nullptr);
  EXPECT_EQ(stream_.Next().what, What::kRead);
  EXPECT_OK(Receive(1));
  EXPECT_TRUE(stream_.TakeTurn());
  EXPECT_FALSE(stream_.TakeTurn());  // the other worker keeps it, whatever waits
  stream_.ReturnTurn();
  EXPECT_TRUE(stream_.TakeTurn());
  EXPECT_NE(stream_.NextForWorker(), nullptr);
  EXPECT_EQ(stream_.NextForWorker(), nullptr);  // and with that the turn ends
  EXPECT_FALSE(stream_.TakeTurn());
}

TEST_F(FeedStreamTest, StoppingDropsWhatNoWorkerHasAndAnswersTheRest) {
  EXPECT_EQ(stream_.Next().what, What::kRead);
  EXPECT_OK(Receive(1));
  ASSERT_TRUE(stream_.TakeTurn());
  FeedStream::Slot* first = stream_.NextForWorker();
  EXPECT_EQ(stream_.Next().what, What::kRead);
  EXPECT_OK(Receive(2));
  stream_.Stop(absl::UnavailableError("stopping"));
  EXPECT_EQ(stream_.NextForWorker(), nullptr);
  EXPECT_EQ(stream_.Next().what, What::kNothing);
  stream_.Answered(first, Accepted());
  EXPECT_EQ(Write().first, 1u);
  EXPECT_EQ(stream_.Next().what, What::kFinish);
}

TEST_F(FeedStreamTest, AHalfClosedStreamEndsWellOnceAllIsAnswered) {
  const auto slots = Fill(2);
  stream_.Closed();
  stream_.Answered(slots[0], Accepted());
  stream_.Answered(slots[1], Accepted());
  EXPECT_EQ(Write().first, 1u);
  EXPECT_EQ(Write().first, 2u);
  const FeedStream::Action end = stream_.Next();
  EXPECT_EQ(end.what, What::kFinish);
  EXPECT_OK(end.status);
}

TEST_F(FeedStreamTest, APeerThatIsGoneEndsTheStreamWithoutWriting) {
  const auto slots = Fill(2);
  stream_.Answered(slots[0], Accepted());
  FeedStream::Action action = stream_.Next();
  if (action.what == What::kRead) action = stream_.Next();
  ASSERT_EQ(action.what, What::kWrite);
  stream_.Written(false);
  stream_.Answered(slots[1], Accepted());
  EXPECT_EQ(stream_.Next().what, What::kFinish);
}

}  // namespace
}  // namespace birthseal::server
