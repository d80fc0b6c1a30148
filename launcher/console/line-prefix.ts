import { safeSubstitute } from '../python-template.ts';

/** Who prints. */
export interface Speaker {
  readonly role: string;
  readonly localRank: number;
  readonly rank: number;
}

/** What stands before each line of a rank: `[rank 0] `, or torchrun's template, in which unknown variables stay as they are. */
export function linePrefix(template: string | undefined, { role, localRank, rank }: Speaker): string {
  if (template === undefined) return `[rank ${rank}] `;
  return safeSubstitute(template, { role_name: role, local_rank: String(localRank), rank: String(rank) });
}
