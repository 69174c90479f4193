# needs: redis-server redis-cli redis-benchmark
# A server on the loopback interface under redis-benchmark, then a content whose digest is known.
set -euo pipefail
requests=$([ -n "$SHORT" ] && echo 1000 || echo 20000)
server=
trap 'kill "$server" 2>/dev/null || true' EXIT

# A port below those the kernel gives to clients; another one when somebody listens there already.
start_server() {
  port=$((10000 + RANDOM % 20000))
  redis-server --port "$port" --bind 127.0.0.1 --save '' --enable-debug-command yes --io-threads 2 >server.log 2>&1 &
  server=$!
  for _ in $(seq 300); do
    kill -0 "$server" 2>/dev/null || break
    redis-cli -p "$port" ping >/dev/null 2>&1 && return
    sleep 0.1
  done
  grep -q 'Address already in use' server.log && start_server && return
  cat server.log >&2
  return 1
}
start_server

# Under a preload the server itself, not only its --version, must have the library mapped.
[ -z "${LD_PRELOAD:-}" ] || grep -qF "$LD_PRELOAD" "/proc/$server/maps"
redis-benchmark -p "$port" -q -n "$requests" -c 20 -r 5000 -d 200 \
  -t set,get,incr,lpush,rpop,sadd,hset,zadd,lrange_100,mset >benchmark.log 2>&1
redis-cli -p "$port" flushall
for i in $(seq "$((requests / 10))"); do
  echo "set key:$i $(printf '%*s' $((i % 400)) x)"
  echo "rpush list:$((i % 50)) element$i"
  echo "hset hash:$((i % 20)) field$i $i"
done | redis-cli -p "$port" --pipe | tail -1
redis-cli -p "$port" dbsize
redis-cli -p "$port" debug digest
redis-cli -p "$port" debug reload
redis-cli -p "$port" debug digest
redis-cli -p "$port" shutdown nosave || true
wait "$server"
