const PLACEHOLDER = /\$(?:(\$)|([a-z_][a-z0-9_]*)|\{([a-z_][a-z0-9_]*)\})/gi;

/**
 * Replaces `${name}` and `$name` by the values of known names, and `$$` by `$`; every other dollar stays. It is Python's
 * `string.Template.safe_substitute`, in which torchrun's users write.
 */
export const safeSubstitute = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(PLACEHOLDER, (whole: string, escaped?: string, bare?: string, braced?: string) => {
    if (escaped !== undefined) return '$';
    const name = bare ?? braced ?? '';
    return Object.hasOwn(values, name) ? (values[name] ?? whole) : whole;
  });
