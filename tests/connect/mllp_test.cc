#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/connect/mllp/deframer.h"
#include "clients/connect/mllp/listener.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace birthseal::connect::mllp {
namespace {

// A sender that speaks raw bytes.
class Peer {
 public:
  explicit Peer(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    timeval limit{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Peer() { close(fd_); }
  void Send(const std::string& bytes) {
    EXPECT_EQ(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // What one read returns; empty when the connection was closed.
  std::string Read() {
    char buffer[65536];
    ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
    return got <= 0 ? "" : std::string(buffer, static_cast<size_t>(got));
  }

 private:
  int fd_;
};

std::unique_ptr<Listener> Echo(ListenerOptions options = {}) {
  auto listener = Listener::Start(options, [](const std::string& message) {
    if (message == "close") return Reply{true, ""};
    if (message == "ACK") return Reply{false, ""};
    return Reply{false, "ack of " + message};
  });
  EXPECT_OK(listener);
  return *std::move(listener);
}

TEST(DeframerTest, TakesJunkMissingCarriageReturnsAndSplitsAnywhere) {
  const std::string stream =
      std::string("junk\r\n") + Frame("one") + "\x0Btwo\x1C" + Frame("three");
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    Deframer deframer;
    std::string message, all;
    for (const std::string& piece : {stream.substr(0, cut), stream.substr(cut)}) {
      ASSERT_TRUE(deframer.Add(piece));
      while (deframer.Next(&message)) all += message + ",";
    }
    EXPECT_EQ(all, "one,two,three,") << "cut at " << cut;
  }
}

TEST(DeframerTest, RefusesAFrameThatNeverEnds) {
  Deframer deframer;
  ASSERT_TRUE(deframer.Add("\x0B"));
  bool taken = true;
  for (int i = 0; i < 40 && taken; ++i) taken = deframer.Add(std::string(64 * 1024, 'x'));
  EXPECT_FALSE(taken);
}

TEST(ListenerTest, AnswersInOrderWithOneSendEach) {
  auto listener = Echo();
  Peer peer(listener->port());
  peer.Send(Frame("a") + Frame("b"));
  std::string got = peer.Read();
  while (got.size() < 2 * Frame("ack of a").size()) got += peer.Read();
  EXPECT_EQ(got, Frame("ack of a") + Frame("ack of b"));
  peer.Send(Frame("c"));
  EXPECT_EQ(peer.Read(), Frame("ack of c"));
}

TEST(ListenerTest, AnAcknowledgedAcknowledgementEndsTheTalk) {
  auto listener = Echo();
  Peer peer(listener->port());
  peer.Send(Frame("ACK") + Frame("ACK") + Frame("d"));
  EXPECT_EQ(peer.Read(), Frame("ack of d"));
}

TEST(ListenerTest, ClosesWithoutAnAnswerWhenItCannotGiveOne) {
  auto listener = Echo();
  Peer peer(listener->port());
  peer.Send(Frame("close"));
  EXPECT_EQ(peer.Read(), "");
}

TEST(ListenerTest, BoundsItsConnectionsAndStopsWithOpenOnes) {
  ListenerOptions options;
  options.max_connections = 1;
  auto listener = Echo(options);
  Peer first(listener->port());
  first.Send(Frame("a"));
  EXPECT_EQ(first.Read(), Frame("ack of a"));
  Peer second(listener->port());
  EXPECT_EQ(second.Read(), "");
  listener.reset();
  EXPECT_EQ(first.Read(), "");
}

TEST(ListenerTest, AnAddressThatCannotBeBoundIsNamed) {
  ListenerOptions options;
  options.address = "not an address";
  EXPECT_THAT(Listener::Start(options, nullptr),
              tests::StatusIs(absl::StatusCode::kUnavailable, "MLLP_BIND"));
}

}  // namespace
}  // namespace birthseal::connect::mllp
