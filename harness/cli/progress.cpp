#include "harness/cli/progress.h"

#include <unistd.h>

#include <cstdio>
#include <string>

namespace lab::cli {

namespace {

constexpr auto kTerminalEvery = std::chrono::milliseconds(100);
constexpr auto kPlainEvery = std::chrono::seconds(5);

std::string remaining(const SweepProgress& progress, std::chrono::duration<double> elapsed) {
  if (progress.finished == 0 || progress.finished >= progress.planned) return "";
  const auto left = elapsed.count() * static_cast<double>(progress.planned - progress.finished) /
                    static_cast<double>(progress.finished);
  const auto seconds = static_cast<long>(left + 0.5);
  char text[48];
  std::snprintf(text, sizeof text, ", %ld:%02ld left", seconds / 60, seconds % 60);
  return text;
}

}  // namespace

std::string progress_line(const SweepProgress& progress, std::chrono::duration<double> elapsed) {
  std::string line = std::to_string(progress.finished) + "/" + std::to_string(progress.planned) +
                     " runs" + remaining(progress, elapsed);
  if (progress.last != nullptr)
    line += (progress.last->search ? "  searching: " : "  ") + progress.last->of.experiment +
            " under " + progress.last->of.arm;
  return line;
}

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::operator()(const SweepProgress& progress) {
  const auto now = Clock::now();
  if (quiet_ || now - told_ < (terminal_ ? Clock::duration(kTerminalEvery) : kPlainEvery)) return;
  told_ = now;
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n",
               progress_line(progress, now - begin_).c_str());
}

void Progress::done() {
  if (!quiet_ && terminal_) std::fprintf(stderr, "\r\033[K");
}

}  // namespace lab::cli
