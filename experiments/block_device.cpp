// Question:  where does the kernel keep what is read from a block device itself?
// Method:    read the start of the device under a scratch file, then drop it; meminfo after each
//            step.
// Ideal:     buffers grow by what was read and cached does not.
// Watch:     needs the right to open the device; skipped otherwise. Other programs move the same
//            numbers.
#include <fcntl.h>
#include <unistd.h>

#include "experiments/workload/describe.h"
#include "experiments/workload/scratch_file.h"

namespace lab {
namespace {

Needs needs(const Point& point) {
  return {.memory_bytes = point.number("read_bytes"), .system_snapshot = true};
}

void run(Context& lab) {
  const auto bytes = static_cast<std::size_t>(lab.param("read_bytes"));
  ScratchFile file(lab);
  const int device = open_device_of(lab, file);
  posix_fadvise(device, 0, 0, POSIX_FADV_DONTNEED);

  lab.mark("read_device");
  read_all(lab, device, bytes);
  lab.mark("drop");
  posix_fadvise(device, 0, 0, POSIX_FADV_DONTNEED);
  close(device);
}

constexpr Description block_device{
    .name = "block_device",
    .family = "kernel",
    .question = "Where does the kernel keep what is read from a block device itself?",
    .method = "Read the start of the device under a scratch file, then drop it.",
    .params = {{"read_bytes", "byte", "bytes read from the device", "16MiB", "128MiB"}},
    .phases = {"read_device", "drop"},
    .ideals = {{"read_device", "read_chars_bytes", param<"read_bytes">, kExact}},
    .plots = {view("Buffers since the start", "system_buffers_bytes", kSinceStart),
              view("Cached since the start", "system_cached_bytes", kSinceStart)},
    .claims = {"buffers-vs-cache"},
    .needs = needs,
    .run = run,
};
LAB_REGISTER_EXPERIMENT(block_device);

}  // namespace
}  // namespace lab
