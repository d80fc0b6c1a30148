import type { EventEmitter } from 'node:events';

/**
 * Hears the errors of a standard stream of a process to which somebody's code prints by `console`: unheard, they end the
 * process. The stream is opened only when it is used, because opening it takes time.
 */
export function onStreamError(of: object, name: 'stdout' | 'stderr', listener: (error: Error) => void): void {
  const property = Object.getOwnPropertyDescriptor(of, name);
  const open: (() => EventEmitter) | undefined = property?.get;
  if (open === undefined) return;
  let stream: EventEmitter | undefined;
  const get = (): EventEmitter => {
    stream ??= open.call(of).on('error', listener);
    return stream;
  };
  Object.defineProperty(of, name, { ...property, get });
}
