# needs: node
# Buffers, JSON, compression and worker threads.
ROUNDS=$([ -n "$SHORT" ] && echo 20 || echo 400) node <<'JS'
const {createHash} = require('crypto'), zlib = require('zlib'), {Worker} = require('worker_threads');
const digest = data => createHash('sha256').update(data).digest('hex');
const rounds = Number(process.env.ROUNDS);
let kept = [];
for (let i = 0; i < rounds * 100; ++i) {
  kept.push(Buffer.alloc(i * 37 % 20000, i % 256));
  if (kept.length > 300) kept.splice(i % 300, 1);
}
console.log(digest(Buffer.concat(kept)));
const rows = Array.from({length: rounds * 200}, (_, i) => ({id: i, name: 'n'.repeat(i % 50)}));
const packed = zlib.deflateSync(JSON.stringify(rows), {level: 6});
console.log(digest(packed), digest(zlib.inflateSync(packed)));
const body = `const {parentPort, workerData} = require('worker_threads');
  let sum = 0; for (let i = 0; i < 20000; ++i) sum += Buffer.allocUnsafeSlow(i % 9000).fill(workerData).reduce((a, b) => a + b & 0xffff, 0) & 255;
  parentPort.postMessage(sum);`;
const run = n => new Promise((done, fail) => new Worker(body, {eval: true, workerData: n}).on('message', done).on('error', fail));
Promise.all([1, 2, 3, 4].map(run)).then(sums => console.log(sums.join(' ')));
JS
