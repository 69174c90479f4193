// What the user asked for cannot be done as asked: exit code 2. The text names the thing, the cause
// and the next step.
#pragma once

#include <stdexcept>

namespace lab {

class BadInput : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The results cannot be written any more: exit code 1, the journal up to here is whole.
class ResultLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace lab
