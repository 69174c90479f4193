#include "message.h"

#include <string.h>
#include <unistd.h>

#include <cstdlib>

#include "bits.h"

namespace reference {
namespace {

// One line, cut at its capacity, so that one write cannot be torn by another thread.
class Line {
 public:
  void append(const char* text) {
    for (; *text != '\0' && length_ < sizeof text_; ++text) text_[length_++] = *text;
  }

  void append_hex(std::uintptr_t value) {
    char digits[2 * sizeof value + 1] = {};
    char* first = digits + sizeof digits - 1;
    do *--first = "0123456789abcdef"[value % 16];
    while ((value /= 16) != 0);
    append(first);
  }

  void write() {
    if (::write(STDERR_FILENO, text_, length_) < 0) return;  // nobody is left to tell
  }

 private:
  char text_[200];
  std::size_t length_ = 0;
};

}  // namespace

void warn(const char* what) {
  Line line;
  line.append("alloclab reference: ");
  line.append(what);
  line.append("\n");
  line.write();
}

void fail(const char* what, const void* address) {
  Line line;
  line.append("alloclab reference: ");
  line.append(what);
  line.append(" (0x");
  line.append_hex(address_of(address));
  line.append(")\n");
  line.write();
  std::abort();
}

}  // namespace reference
