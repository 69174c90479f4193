# needs: /usr/bin/python3
# Python's own regression tests that exercise memory and threads; every object comes from malloc.
set -uo pipefail
export PYTHONMALLOC=malloc
if ! /usr/bin/python3 -c 'import test.test_gc' 2>/dev/null; then
  echo 'no regression tests are installed: a program of our own instead'
  exec /usr/bin/python3 -c '
import hashlib, json, threading
def work(seed, into):
    rows = [{str(i): [seed] * (i % 50)} for i in range(20000)]
    into[seed] = hashlib.sha256(json.dumps(rows).encode()).hexdigest()
found = {}
threads = [threading.Thread(target=work, args=(seed, found)) for seed in range(4)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(sorted(found.items()))'
fi
tests=(test_gc test_list)
[ -n "$SHORT" ] || tests+=(test_weakref test_threading test_thread test_dict test_set test_bytes test_unicode test_array test_mmap
  test_memoryio test_memoryview test_queue test_fork1 test_json test_pickle test_deque test_capi test_threading_local
  test_ctypes test_zlib test_sort test_itertools test_exceptions)
# One line for each test method with its outcome; their order and times are left out.
for name in "${tests[@]}"; do
  /usr/bin/python3 -m test -v "$name" 2>&1 |
    grep -oE '^test\w+ \([^)]*\).* \.\.\. (ok|FAIL|ERROR|skipped.*)$' | sort
done
