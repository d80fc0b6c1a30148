import type { Barrier } from '../../shared/contracts/barrier.ts';
import type { Json } from '../../shared/contracts/json.ts';

/** Barriers of a group that lives in one process: all open when the last rank has arrived, and carry payloads as JSON does. */
export function meetingPlace(worldSize: number): readonly Barrier[] {
  const arrivals = new Map<string, { readonly payloads: Json[]; readonly open: (() => void)[] }>();
  return Array.from({ length: worldSize }, (_, rank): Barrier => {
    let sequence = 0;
    const barrier: Barrier = {
      wait: (name, payload = null) => {
        const key = `${sequence++} ${name}`;
        const meeting = arrivals.get(key) ?? { payloads: [], open: [] };
        arrivals.set(key, meeting);
        meeting.payloads[rank] = JSON.parse(JSON.stringify(payload)) as Json;
        return new Promise((resolve) => {
          meeting.open.push(() => resolve(meeting.payloads));
          if (meeting.open.length === worldSize) for (const open of meeting.open) open();
        });
      },
      within: () => barrier,
      close: () => undefined,
    };
    return barrier;
  });
}
