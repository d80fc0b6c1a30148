// Rank 0 adds up the numbers of all over TCP; the rank of the second argument does at the third step what the first one says.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { MISDEEDS } from './misdeeds.mjs';

const [kind, culprit] = process.argv.slice(2);
const { RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT } = process.env;
const peers = RANK === '0' ? await accept() : [peer(await join())];

async function accept() {
  const server = createServer().listen(Number(MASTER_PORT));
  const sockets = [];
  while (sockets.length < Number(WORLD_SIZE) - 1) sockets.push(...(await once(server, 'connection')));
  server.close();
  return sockets.map(peer);
}

async function join() {
  for (;;) {
    const socket = connect(Number(MASTER_PORT), MASTER_ADDR);
    try {
      await once(socket, 'connect');
      return socket;
    } catch {
      await pause(50);
    }
  }
}

function peer(socket) {
  const lines = createInterface(socket)[Symbol.asyncIterator]();
  return {
    send: (value) => socket.write(`${value}\n`),
    async receive() {
      const { value, done } = await lines.next();
      if (done) throw new Error('connection closed by peer');
      return Number(value);
    },
    close: () => socket.end(),
  };
}

async function allReduce(value) {
  if (RANK !== '0') {
    peers[0].send(value);
    return peers[0].receive();
  }
  let sum = value;
  for (const { receive } of peers) sum += await receive();
  for (const { send } of peers) send(sum);
  return sum;
}

for (let step = 0; step < 5; step++) {
  console.log(`step ${step}`);
  if (step === 3 && RANK === culprit) await MISDEEDS[kind]();
  await allReduce(step);
}
for (const { close } of peers) close();
