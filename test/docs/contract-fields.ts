import { textOf } from './pages.ts';

/** The names of the fields that an interface or a class of the sources declares itself, in their order. */
export function fieldsOf(file: string, declaration: string): readonly string[] {
  const body = new RegExp(`^export (?:interface|class) ${declaration}\\b[^\\n]*\\{\\n([\\s\\S]*?)^\\}`, 'm').exec(
    textOf(file),
  )?.[1];
  if (body === undefined) throw new RangeError(`${file} declares no ${declaration}`);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].flatMap(([, name]) => name ?? []);
}

/** Every name that a file of the sources exports, ascending. */
export function exportsOf(file: string): readonly string[] {
  const lists = [...textOf(file).matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','));
  const names = lists.map((name) => name.trim().replace(/^type /, ''));
  return names.filter((name) => name !== '').sort();
}
