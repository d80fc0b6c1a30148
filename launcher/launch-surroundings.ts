import type { Logger } from '../shared/platform/logger.ts';
import type { Platform } from '../shared/platform/platform.ts';
import type { Interruption } from './interruption.ts';

/** Where a run meets the program that asked for it. */
export interface LaunchSurroundings {
  readonly platform: Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly interruption: Interruption;
  /** Whether rank 0 prints to this process's own output, or into a file of the run directory. */
  readonly primaryOutput: 'inherit' | 'file';
  /** Warnings and failures. */
  readonly tell: Logger['log'];
}
