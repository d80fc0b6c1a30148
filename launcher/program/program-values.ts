import { usageError } from '../../shared/contracts/errors.ts';
import { type Expected, expectValue, oneOf } from '../../shared/contracts/expectation.ts';
import { parseDuration } from '../command-line/option-values.ts';

const refusal = (option: string, given: string, expected: string): Error =>
  usageError(`${option}: got ${JSON.stringify(given)}, expected ${expected}`);

/** A number of nodes; torchrun's range MIN:MAX only where both are the same. Throws CKPT_USAGE. */
export function parseNodes(option: string, given: string): number {
  const [, least = '', most = least] = /^(\d+)(?::(\d+))?$/.exec(given) ?? [];
  if (Number(least) > 0 && least === most) return Number(least);
  throw refusal(option, given, 'a positive whole number (nodes neither come nor go here, so there is no MIN:MAX)');
}

const port: Expected<number> = {
  words: 'a port from 1 to 65535',
  accepts: (value): value is number => typeof value === 'number' && value >= 1 && value <= 65_535,
};

/** A port. Throws CKPT_USAGE. */
export const parsePort = (option: string, given: string): number =>
  expectValue(option, /^\d+$/.test(given) ? Number(given) : given, port);

/** Where rank 0 listens, as far as it is said. */
export interface Endpoint {
  readonly host: string;
  readonly port: number | undefined;
}

/** `host:port` or `host`, IPv6 in brackets; port 0 leaves the choice. Throws CKPT_USAGE. */
export function parseEndpoint(option: string, given: string): Endpoint {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(given) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw refusal(option, given, 'HOST:PORT');
  return { host, port: digits === undefined || Number(digits) === 0 ? undefined : parsePort(option, digits) };
}

/** Local ranks with commas between. Throws CKPT_USAGE. */
export function parseLocalRanks(option: string, given: string): readonly number[] {
  if (/^\d+(?:,\d+)*$/.test(given)) return given.split(',').map(Number);
  throw refusal(option, given, 'local ranks with commas between, such as 0,1,2');
}

/** A duration that may be 0: no time at all. Throws CKPT_USAGE. */
export function parseGrace(option: string, given: string): number {
  if (/^0+(?:\.0*)?(?:ms|s|m|h)?$/.test(given)) return 0;
  if (given.startsWith('-')) throw refusal(option, given, 'seconds, which must be non-negative');
  return parseDuration(option, given);
}

/** Names of signals with commas between, as they are written; whether there are such is asked later. */
export const parseNames = (_option: string, given: string): readonly string[] =>
  given
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** torchrun's way to start functions, of which there are none here. Throws CKPT_USAGE. */
export const parseStartMethod = (option: string, given: string): string =>
  expectValue(option, given, oneOf('spawn', 'fork', 'forkserver'));

/** A number of seconds that nothing comes of. Throws CKPT_USAGE. */
export function parseInterval(option: string, given: string): number {
  if (given.trim() !== '' && Number(given) >= 0) return Number(given);
  throw refusal(option, given, 'seconds, 0 or more');
}

/** `KEY=VALUE` with commas between, of which nothing comes. Throws CKPT_USAGE. */
export function parsePairs(option: string, given: string): string {
  const wrong = given.split(',').find((pair) => !/^[^=]+=[^=]+$/.test(pair.trim()));
  if (wrong === undefined) return given;
  throw refusal(option, wrong, 'KEY=VALUE');
}
