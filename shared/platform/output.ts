import { writeSync } from 'node:fs';

/** A stream of text for people or programs. A closed pipe ends it quietly; what follows is dropped. */
export interface TextOutput {
  write(text: string): void;
}

/** Writes to a file descriptor, synchronously, so that nothing is lost when the process ends. */
export function descriptorOutput(descriptor: number): TextOutput {
  let closed = false;
  return {
    write: (text) => {
      const bytes = Buffer.from(text);
      for (let written = 0; !closed && written < bytes.length; ) {
        try {
          written += writeSync(descriptor, bytes, written);
        } catch (thrown) {
          const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
          if (code === 'EAGAIN') waitForReader();
          else if (code === 'EPIPE') closed = true;
          else throw thrown;
        }
      }
    },
  };
}

/** A pipe that another process made non-blocking is full: let its reader run for a millisecond. */
function waitForReader(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Text from outside made safe to print: characters that move a terminal, change the direction of what is written, or are not to
 * be seen become `\xNN`; newline and tab stay.
 */
export const escapeControl = (text: string): string =>
  text.replace(UNPRINTABLE, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
