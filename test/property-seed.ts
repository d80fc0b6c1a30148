import fc from 'fast-check';

/** The seed of every property in this file's run: FC_SEED, or a random one; printed so that a failure can be replayed. */
export const PROPERTY_SEED = Number(process.env['FC_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

if (!Number.isSafeInteger(PROPERTY_SEED)) throw new RangeError(`FC_SEED=${process.env['FC_SEED']}: expected a whole number`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: PROPERTY_SEED });
console.log(`property seed: FC_SEED=${PROPERTY_SEED}`);
