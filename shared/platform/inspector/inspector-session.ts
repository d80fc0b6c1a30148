import type { WebSocket } from 'ws';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../../contracts/json.ts';
import { askInspector } from './inspector-port.ts';

/** A conversation with the inspector of another process; everything in it ends quietly when that process does. */
export interface InspectorSession {
  /** What it answers; undefined for a refusal. Never settles where it does not answer. */
  ask(method: string, parameters?: JsonObject): Promise<JsonObject | undefined>;
  /** Hears of an event from now on. */
  on(event: string, hear: (parameters: JsonObject) => void): void;
  /** Settles when the conversation is over, whoever ended it. */
  readonly closed: Promise<void>;
  isClosed(): boolean;
  /** Ends it, at once. A process that it holds goes on. */
  close(): void;
}

/** Begins one on a port; rejects when nobody answers there. */
export async function openInspectorSession(port: number): Promise<InspectorSession> {
  const targets = parseJson(await askInspector(port, '/json/list'), Array.isArray) ?? [];
  const address = isJsonObject(targets[0]) ? targets[0]['webSocketDebuggerUrl'] : undefined;
  if (typeof address !== 'string') throw new Error(`nobody can be inspected on port ${port}`);
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(address, { perMessageDeflate: false });
  const session = talkOver(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve).once('error', reject);
  });
  return session;
}

function talkOver(socket: WebSocket): InspectorSession {
  const waiting = new Map<number, (answer: JsonObject | undefined) => void>();
  const listeners = new Map<string, (parameters: JsonObject) => void>();
  let asked = 0;
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  // What fails closes it as well.
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const message = parseJson(String(data), isJsonObject) ?? {};
    const { id, method, result, params } = message;
    if (typeof id === 'number') {
      waiting.get(id)?.(objectOf(result));
      waiting.delete(id);
    } else if (typeof method === 'string') listeners.get(method)?.(objectOf(params) ?? {});
  });
  return {
    ask: (method, params = {}) =>
      new Promise((resolve) => {
        asked += 1;
        waiting.set(asked, resolve);
        socket.send(JSON.stringify({ id: asked, method, params }), () => undefined);
      }),
    on: (event, hear) => void listeners.set(event, hear),
    closed,
    isClosed: () => socket.readyState === socket.CLOSED,
    close: () => socket.terminate(),
  };
}

const objectOf = (value: Json | undefined): JsonObject | undefined => (isJsonObject(value) ? value : undefined);
