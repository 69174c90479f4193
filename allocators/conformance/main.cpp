// conformance [--library PATH] CHECK…: runs checks one after another under whatever serves malloc.
// With --library it first proves that every function comes from that file. Without a name it lists
// the checks. Exit status: 0 all hold, 1 one does not (named on stderr), 77 cannot be tried here,
// 2 no such check, 3 another library serves.
#include <dlfcn.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "allocators/conformance/check.h"

namespace {

constexpr unsigned kTimeoutSeconds = 120;
constexpr int kNoSuchCheck = 2, kWrongLibrary = 3;

// Returns the name of a function that does not come from `library`, or nullptr.
const char* served_elsewhere(const char* library) {
  static char resolved[PATH_MAX];
  constexpr const char* kFunctions[] = {"malloc",   "free",           "calloc",       "realloc",
                                        "memalign", "posix_memalign", "aligned_alloc"};
  for (const char* name : kFunctions) {
    Dl_info info{};
    if (dladdr(dlsym(RTLD_DEFAULT, name), &info) == 0 ||
        realpath(info.dli_fname, resolved) == nullptr || std::strcmp(resolved, library) != 0)
      return name;
  }
  return nullptr;
}

int run_one(const char* name) {
  const auto* check = lab::find_registered<conformance::Check>(std::string_view(name));
  if (check == nullptr) {
    std::fprintf(stderr, "no check is called %s; run without a name for the list\n", name);
    return kNoSuchCheck;
  }
  check->run();
  return 0;
}

void list_checks() {
  for (auto* entry = lab::Registration<conformance::Check>::first(); entry; entry = entry->next())
    std::puts(entry->item().name.data());
}

}  // namespace

int main(int argc, char** argv) {
  int next = 1;
  if (argc > 2 && std::strcmp(argv[1], "--library") == 0) {
    if (const char* name = served_elsewhere(argv[2]); name != nullptr) {
      std::fprintf(stderr, "%s is not served by %s\n", name, argv[2]);
      return kWrongLibrary;
    }
    next = 3;
  }
  if (next == argc) list_checks();
  for (; next < argc; ++next) {
    alarm(kTimeoutSeconds);
    if (const int status = run_one(argv[next]); status != 0) return status;
  }
  return 0;
}
