// node barrier-client.mjs <barriers directory> <rank> <world size> <time-out in ms> <name of each barrier>...
import { linkSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const [directory, rank, worldSize, timeoutMs, ...names] = process.argv.slice(2);
const host = hostname();

function fingerprint(sequence, name, callSite) {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(`${sequence}\n${name}\n${callSite ?? ''}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

/** Rule 1: false when another was first. */
function place(path, content) {
  const temporary = `${directory}/tmp/client-${rank}-${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(content)}\n`);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

async function barrier(sequence, name, payload) {
  const digits = String(sequence).padStart(6, '0');
  const arrivals = `${directory}/arrivals-${sequence % 3}`;
  const decision = `${directory}/decisions/${digits}.json`;
  const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
  const arrived = () => readdirSync(arrivals).filter((file) => file.startsWith(`${digits}-rank-`));
  for (const path of [`${directory}/tmp`, `${directory}/decisions`, arrivals]) mkdirSync(path, { recursive: true });

  const key = { sequence, name };
  const who = { rank: Number(rank), worldSize: Number(worldSize), pid: process.pid, host };
  const own = { ...key, ...who, fingerprint: fingerprint(sequence, name, null) };
  const arrival = { ...own, callSite: null, arrivedAtMs: Date.now(), timeoutMs: Number(timeoutMs), payload };
  if (!place(`${arrivals}/${digits}-rank-${rank}`, arrival)) {
    throw new Error(`another process is rank ${rank}`);
  }
  const startedAtMs = Date.now();
  for (;;) {
    if (readdirSync(`${directory}/decisions`).includes(`${digits}.json`)) return read(decision);
    const files = arrived();
    const all = files.map((file) => read(`${arrivals}/${file}`)).sort((a, b) => a.rank - b.rank);
    const base = { ...key, decidedBy: Number(rank) };
    const evidence = {
      arrived: all.map((arrival) => arrival.rank),
      missing: Array.from({ length: Number(worldSize) }, (_, r) => r).filter((r) => !all.some((arrival) => arrival.rank === r)),
      timeoutMs: Number(timeoutMs),
      arrivals: all,
    };
    const isLikeOwn = (other) => (field) => other[field] === own[field];
    const agrees = (other) => ['name', 'worldSize', ...(other.callSite === null ? ['fingerprint'] : [])].every(isLikeOwn(other));
    if (!all.every(agrees)) {
      place(decision, { ...base, outcome: 'abort', reason: 'mismatch', ...evidence });
    } else if (files.length === Number(worldSize)) {
      place(decision, { ...base, outcome: 'open', payloads: all.map((arrival) => arrival.payload) });
    } else if (Date.now() - startedAtMs > Number(timeoutMs)) {
      place(decision, { ...base, outcome: 'abort', reason: 'timeout', ...evidence });
    } else await sleep(5);
  }
}

for (const [sequence, name] of names.entries()) {
  const { outcome, reason, payloads } = await barrier(sequence, name, { from: Number(rank), sequence });
  console.log(JSON.stringify({ name, outcome, reason, payloads }));
  if (outcome === 'abort') process.exit(124);
}
