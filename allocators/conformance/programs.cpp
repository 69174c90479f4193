// A program's life around the heap: before main, in loaded libraries, and with libc's own blocks.
#include <dirent.h>
#include <dlfcn.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include "allocators/conformance/check.h"

namespace conformance {
namespace {

// Constructed before main, before most other static objects.
struct EarlyBlock {
  EarlyBlock() : block(filled_malloc(5000)), text(1000, 'x') {}
  void* block;
  std::string text;
};
[[gnu::init_priority(101)]] EarlyBlock early;

void blocks_from_before_main_are_intact() {
  require(early.text == std::string(1000, 'x'), "a string from before main changed");
  checked_free(early.block, 5000);
}
LAB_REGISTER_CHECK(blocks_from_before_main_are_intact);

// The plugin stands beside this program.
std::string plugin_path() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  require(length > 0, "readlink(/proc/self/exe)");
  std::string text(path, static_cast<std::size_t>(length));
  return text.substr(0, text.rfind('/')) + "/libconformance_plugin.so";
}

template <class Function>
Function* function_of(void* library, const char* name) {
  auto* function = reinterpret_cast<Function*>(dlsym(library, name));
  require(function != nullptr, "the plugin has no %s", name);
  return function;
}

void use_plugin(const std::string& path) {
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  require(library != nullptr, "%s", library == nullptr ? dlerror() : "");
  require(function_of<bool()>(library, "plugin_is_intact")(), "the plugin's own blocks changed");
  auto* theirs = function_of<void*(std::size_t)>(library, "plugin_allocate")(3000);
  fill(theirs, 3000);
  function_of<void(void*)>(library, "plugin_free")(filled_malloc(300));
  dlclose(library);
  checked_free(theirs, 3000);
}

void libraries_can_be_opened_used_and_closed() {
  const std::string path = plugin_path();
  for (int round = 0; round < 100; ++round) use_plugin(path);
}
LAB_REGISTER_CHECK(libraries_can_be_opened_used_and_closed);

void libraries_can_be_opened_used_and_closed_in_threads() {
  const std::string path = plugin_path();
  for (int round = 0; round < 50; ++round) {
    std::thread one(use_plugin, path), other(use_plugin, path);
    one.join();
    other.join();
  }
}
LAB_REGISTER_CHECK(libraries_can_be_opened_used_and_closed_in_threads);

void blocks_that_libc_allocated_can_be_freed() {
  char* copy = strdup("some text");
  require(std::strcmp(copy, "some text") == 0, "strdup");
  std::free(copy);
  char* path = realpath("/proc/self/..", nullptr);
  require(path != nullptr, "realpath");
  std::free(path);
  char* text = nullptr;
  require(asprintf(&text, "%d", 12345) == 5, "asprintf");
  std::free(text);
  dirent** entries = nullptr;
  const int count = scandir("/", &entries, nullptr, alphasort);
  require(count > 0, "scandir");
  for (int i = 0; i < count; ++i) std::free(entries[i]);
  std::free(entries);
}
LAB_REGISTER_CHECK(blocks_that_libc_allocated_can_be_freed);

void libc_can_grow_the_programs_blocks() {
  std::FILE* file = std::tmpfile();
  require(file != nullptr, "tmpfile");
  for (int i = 0; i < 20000; ++i) std::fputc('a' + i % 26, file);
  std::rewind(file);
  std::size_t bytes = 8;
  char* line = static_cast<char*>(std::malloc(bytes));
  require(getline(&line, &bytes, file) == 20000, "getline");
  require(line[19999] == 'a' + 19999 % 26, "getline lost content");
  std::free(line);
  std::fclose(file);
}
LAB_REGISTER_CHECK(libc_can_grow_the_programs_blocks);

// setenv keeps blocks for good; exit handlers run when static objects are already gone.
void exit_handlers_may_allocate_and_free() {
  static void* block = filled_malloc(400);
  std::atexit([] {
    checked_free(block, 400);
    checked_free(filled_malloc(100000), 100000);
  });
  require(setenv("CONFORMANCE", "value", 1) == 0, "setenv");
  std::exit(std::strcmp(std::getenv("CONFORMANCE"), "value"));
}
LAB_REGISTER_CHECK(exit_handlers_may_allocate_and_free);

}  // namespace
}  // namespace conformance
