// SPDX-License-Identifier: Apache-2.0
// A plain sender on the other end of an MLLP connection; reads whole frames.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace birthseal::tests {

class MllpPeer {
 public:
  // `from`: a loopback address to speak from, as one of several hosts.
  explicit MllpPeer(uint16_t port, const char* from = "127.0.0.1")
      : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, from, &address.sin_addr), 1);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    timeval limit{60, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~MllpPeer() { close(fd_); }
  MllpPeer(const MllpPeer&) = delete;
  MllpPeer& operator=(const MllpPeer&) = delete;

  void Send(const std::string& message) { SendBytes("\x0B" + message + "\x1C\r"); }
  // As they are, for what is no single frame.
  void SendBytes(const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t n = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      ASSERT_GT(n, 0);
      sent += static_cast<size_t>(n);
    }
  }
  // The same of a peer that may have been closed; false when it was.
  bool TrySendBytes(const std::string& bytes) {
    return send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // What one read returns; empty when the connection was closed or nothing came in time.
  std::string ReadOnce() {
    char buffer[65536];
    const ssize_t got = recv(fd_, buffer, sizeof buffer, 0);
    return got <= 0 ? "" : std::string(buffer, static_cast<size_t>(got));
  }
  // The next answer; empty when the connection was closed or nothing came in time.
  std::string Receive() {
    while (true) {
      const size_t end = received_.find("\x1C\r");
      if (end != std::string::npos) {
        std::string answer = received_.substr(1, end - 1);
        received_.erase(0, end + 2);
        return answer;
      }
      const std::string more = ReadOnce();
      if (more.empty()) return "";
      received_ += more;
    }
  }

 private:
  int fd_;
  std::string received_;
};

}  // namespace birthseal::tests
