#include "byte_operations.h"

#include "subject.h"

namespace trust {

void run_bytes(std::span<const std::uint8_t> bytes) {
  Model model(64, Model::Failure::forbidden);
  for (; bytes.size() >= kOperationBytes; bytes = bytes.subspan(kOperationBytes))
    model.apply(decoded_operation(bytes.first<kOperationBytes>()));
  subject::require_equations();
  model.check_all();
  model.clear();
  subject::trim();
  subject::require_equations();
}

}  // namespace trust
