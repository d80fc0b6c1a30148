/** Text as code. */
export const code = (text: string | number): string => `\`${text}\``;
