#include "harness/child/proof.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "harness/child/channel.h"

namespace lab::child {

namespace {

// The main program appears in dladdr under the name it was started with.
void put_real_path(char* field, std::size_t capacity, const char* path) {
  static char resolved[PATH_MAX];
  put_text(field, capacity, realpath(path, resolved) != nullptr ? resolved : path);
}

}  // namespace

void prove_who_serves(protocol::SharedPages& pages) {
  pages.secure = getauxval(AT_SECURE) != 0;
  for (std::size_t i = 0; i < protocol::kProvenCount; ++i) {
    void* function = dlsym(RTLD_DEFAULT, protocol::kProvenFunctions[i]);
    Dl_info info{};
    if (function != nullptr && dladdr(function, &info) != 0 && info.dli_fname != nullptr)
      put_real_path(pages.serving[i], sizeof pages.serving[i], info.dli_fname);
  }
}

}  // namespace lab::child
