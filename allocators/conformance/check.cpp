#include "allocators/conformance/check.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace conformance {
namespace {

constexpr int kFailed = 1;
constexpr int kCannotTry = 77;

std::uint64_t word_at(std::uintptr_t seed, std::size_t index) {
  return (seed + 1) * 0x9e3779b97f4a7c15ULL + index * 0xbf58476d1ce4e5b9ULL;
}

// Calls `visit(offset, width)` for every whole word and for the rest. Built-in copies of a constant
// width are single instructions, although the checks are compiled with -fno-builtin.
template <class Visit>
void for_words(std::size_t bytes, Visit visit) {
  std::size_t offset = 0;
  for (; offset + sizeof(std::uint64_t) <= bytes; offset += sizeof(std::uint64_t))
    visit(offset, sizeof(std::uint64_t));
  if (offset < bytes) visit(offset, bytes - offset);
}

}  // namespace

void require(bool holds, const char* format, ...) {
  if (holds) return;
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text - 1, format, arguments);
  va_end(arguments);
  std::strcat(text, "\n");
  if (write(STDERR_FILENO, text, std::strlen(text)) < 0) _exit(kFailed);
  _exit(kFailed);
}

void cannot_try(const char* reason) {
  if (write(STDERR_FILENO, reason, std::strlen(reason)) < 0) _exit(kFailed);
  _exit(kCannotTry);
}

void fill(void* block, std::size_t bytes, std::uintptr_t seed) {
  auto* target = static_cast<unsigned char*>(block);
  for_words(bytes, [&](std::size_t offset, std::size_t width) {
    const std::uint64_t word = word_at(seed, offset);
    __builtin_memcpy(target + offset, &word, width);
  });
}

bool is_filled(const void* block, std::size_t bytes, std::uintptr_t seed) {
  const auto* source = static_cast<const unsigned char*>(block);
  std::uint64_t difference = 0;
  for_words(bytes, [&](std::size_t offset, std::size_t width) {
    const std::uint64_t expected = word_at(seed, offset);
    std::uint64_t word = expected;
    __builtin_memcpy(&word, source + offset, width);
    difference |= word ^ expected;
  });
  return difference == 0;
}

bool is_zero(const void* block, std::size_t bytes) {
  const auto* source = static_cast<const unsigned char*>(block);
  for (std::size_t i = 0; i < bytes; ++i)
    if (source[i] != 0) return false;
  return true;
}

void* filled_malloc(std::size_t bytes) {
  void* block = std::malloc(bytes);
  require(block != nullptr, "malloc(%zu) failed", bytes);
  fill(block, bytes);
  return block;
}

void checked_free(void* block, std::size_t bytes) {
  require(is_filled(block, bytes), "block %p of %zu bytes was overwritten", block, bytes);
  std::free(block);
}

std::size_t resident_anonymous_bytes() {
  char text[8192];
  const int status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  const ssize_t count = read(status, text, sizeof text - 1);
  close(status);
  text[count > 0 ? count : 0] = '\0';
  const char* line = std::strstr(text, "RssAnon:");
  require(line != nullptr, "no RssAnon in /proc/self/status");
  return std::strtoull(line + 8, nullptr, 10) << 10;
}

}  // namespace conformance
