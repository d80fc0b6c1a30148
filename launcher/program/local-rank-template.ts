const PLACEHOLDER = /\$(?:(\$)|([a-z_][a-z0-9_]*)|\{([a-z_][a-z0-9_]*)\})/gi;

/**
 * Replaces `${local_rank}` and `$local_rank`, and `$$` by `$`; every other dollar stays. It is Python's
 * `string.Template.safe_substitute`, which torchrun applies to every argument.
 */
export const withLocalRank = (template: string, localRank: number): string =>
  template.replace(PLACEHOLDER, (whole: string, escaped?: string, bare?: string, braced?: string) => {
    if (escaped !== undefined) return '$';
    return (bare ?? braced) === 'local_rank' ? String(localRank) : whole;
  });
