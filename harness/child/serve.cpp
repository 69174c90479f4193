#include "harness/child/serve.h"

#include <unistd.h>

#include <cstdlib>

#include "harness/child/channel.h"
#include "harness/child/context.h"
#include "harness/child/proof.h"
#include "harness/child/quiet.h"

namespace lab::child {

namespace {

constexpr std::size_t kMaxParams = 32;
constexpr int kFirstParam = 4;

std::size_t read_params(int argc, char** argv, Setting* params) {
  std::size_t count = 0;
  for (int i = kFirstParam; i < argc && count < kMaxParams; ++i) {
    const std::string_view argument = argv[i];
    const auto equals = argument.find('=');
    params[count++] = {argument.substr(0, equals), argument.substr(equals + 1)};
  }
  return count;
}

void say_hello(protocol::SharedPages& pages, const Allocator& allocator) {
  prove_who_serves(pages);
  if (allocator.version != nullptr && !allocator.version(pages.version, sizeof pages.version))
    pages.version[0] = '\0';
  protocol::Message hello{};
  hello.kind = protocol::Kind::hello;
  exchange(hello);
}

}  // namespace

void serve(int argc, char** argv, void (*body)(Context&)) {
  auto& pages = map_shared_pages();
  if (argc < kFirstParam) leave(pages, protocol::Kind::fail, "the measured program got too few arguments");
  const auto* experiment = find_registered<Experiment>(std::string_view(argv[1]));
  const auto* allocator = find_registered<Allocator>(std::string_view(argv[2]));
  if (experiment == nullptr) leave(pages, protocol::Kind::fail, "experiment not in this build");
  if (allocator == nullptr) leave(pages, protocol::Kind::fail, "allocator not in this build");

  Setting params[kMaxParams];
  const std::size_t count = read_params(argc, argv, params);
  ChildContext context(*experiment, *allocator, strtoull(argv[3], nullptr, 10), {params, count},
                       pages);
  say_hello(pages, *allocator);
  free_standard_library_pool();
  context.warm();
  make_present();
  if (body != nullptr) body(context);
  else experiment->run(context);
  context.finish();
  _exit(0);
}

}  // namespace lab::child
