// Forks where another library's fork handlers allocate. Run with the allocator preloaded: 0 when the
// child and its parent came through, 1 when a lock was held and the alarm rang.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

extern "C" void load_fork_handlers();

int main() {
  load_fork_handlers();
  alarm(20);
  void* volatile block = malloc(300'000);
  free(block);
  for (int i = 0; i < 10; ++i) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return 1;
  }
  return 0;
}
