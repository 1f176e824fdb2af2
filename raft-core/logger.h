// Logger: where a node reports what it does. Injected; the library never prints.
#ifndef RAFT_CORE_LOGGER_H_
#define RAFT_CORE_LOGGER_H_

#include <string_view>

#include "raft-core/text.h"

namespace raft {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

class Logger {
 public:
  virtual ~Logger() = default;
  // Whether lines of the level are wanted. Texts are not even built otherwise.
  virtual bool Enabled(LogLevel level) const = 0;
  // Takes one line without its end.
  virtual void Write(LogLevel level, std::string_view line) = 0;

  template <class... Args>
  void Log(LogLevel level, const Args&... args) {
    if (Enabled(level)) Write(level, Cat(args...));
  }
};

// Drops everything.
class NullLogger final : public Logger {
 public:
  bool Enabled(LogLevel) const override { return false; }
  void Write(LogLevel, std::string_view) override {}
};

}  // namespace raft

#endif  // RAFT_CORE_LOGGER_H_
