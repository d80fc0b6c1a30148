import type { Arrival } from '../../contracts/barrier.ts';

/** What all ranks of a healthy run have in common at a barrier, in eight hexadecimal digits. */
export const fingerprintOf = ({
  sequence,
  name,
  callSite,
  given,
}: Pick<Arrival, 'sequence' | 'name' | 'callSite' | 'given'>): string =>
  digest(`${sequence}\n${name}\n${callSite ?? ''}${given === undefined ? '' : `\n${given}`}`);

/** Whether ranks are at the same barrier. Who does not say where its program is, as a shell does not, contradicts no place. */
export const agree = (arrivals: readonly Arrival[]): boolean =>
  arrivals.every(
    ({ name, worldSize, fingerprint, callSite }) =>
      name === arrivals[0]?.name &&
      worldSize === arrivals[0].worldSize &&
      fingerprint === arrivals.find((other) => (other.callSite === null) === (callSite === null))?.fingerprint,
  );

/** FNV-1a over UTF-8, 32 bits: loading a cryptographic library costs more than all barriers of a run. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
}
