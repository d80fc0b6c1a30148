import { escapeControl } from '../../shared/platform/output.ts';

/** The widest line of a report; characters. */
const WIDEST = 130;

/** One line of safe text, at most so long; what is left out is marked. */
export function cropped(text: string, longest: number): string {
  const characters = [...safe(text)];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}

/** A newline or a tab from outside would make lines that nobody has counted. */
const safe = (text: string): string => escapeControl(text).replaceAll('\n', '\\n').replaceAll('\t', '\\t');

/** The longest text worth breaking into lines; characters. */
const LONGEST = 10 * WIDEST;

/** Texts broken between words into lines that fit behind a margin, each text on a line of its own; at most so many lines. */
export function wrapped(texts: readonly string[], margin: number, most: number): readonly string[] {
  const lines = texts.slice(0, most + 1).flatMap((text) => broken(cropped(text, LONGEST), WIDEST - margin));
  if (lines.length <= most && texts.length <= most) return lines;
  const kept = lines.slice(0, most);
  return [...kept.slice(0, -1), cropped(`${kept.at(-1)} …`, WIDEST - margin)];
}

function broken(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((each) => pieces(each, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (lengthOf(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** A word that fits on no line, as the pieces that do. */
function pieces(word: string, width: number): readonly string[] {
  const characters = [...word];
  if (characters.length <= width) return [word];
  return Array.from({ length: Math.ceil(characters.length / width) }, (_, piece) =>
    characters.slice(piece * width, (piece + 1) * width).join(''),
  );
}

const lengthOf = (text: string): number => [...text].length;
