/** Who prints. */
export interface Speaker {
  readonly role: string;
  readonly localRank: number;
  readonly rank: number;
}

/** What stands before each line of a rank: `[rank 0] `, or torchrun's template, in which unknown variables stay as they are. */
export function linePrefix(template: string | undefined, { role, localRank, rank }: Speaker): string {
  if (template === undefined) return `[rank ${rank}] `;
  const values = new Map([
    ['role_name', role],
    ['local_rank', String(localRank)],
    ['rank', String(rank)],
  ]);
  return template.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (found, dollar?: string, braced?: string, bare?: string) =>
    dollar === undefined ? (values.get(braced ?? bare ?? '') ?? found) : '$',
  );
}
