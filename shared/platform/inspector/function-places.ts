import { isJsonObject, type Json, type JsonObject } from '../../contracts/json.ts';
import { type EngineFrame, type EngineScripts, textOf } from './engine-scripts.ts';
import type { InspectorSession } from './inspector-session.ts';

/**
 * Where the functions begin that JavaScript gives as an array, in its order; null for what has no place, as a native function
 * or none at all. None where the JavaScript fails.
 */
export async function functionPlaces(
  session: InspectorSession,
  scripts: EngineScripts,
  expression: string,
): Promise<readonly (EngineFrame | null)[]> {
  const list = await session.ask('Runtime.evaluate', { expression });
  const items = listOf((await propertiesOf(session, list?.['result']))?.['result']);
  const given = items.flatMap(({ name, value }) => (/^\d+$/.test(textOf(name)) && isJsonObject(value) ? [value] : []));
  return Promise.all(given.map((each) => placeOf(session, scripts, each)));
}

async function placeOf(session: InspectorSession, scripts: EngineScripts, given: JsonObject): Promise<EngineFrame | null> {
  if (given['type'] !== 'function') return null;
  await scripts.known();
  const found = await propertiesOf(session, given);
  const location = valueNamed(found?.['internalProperties'], '[[FunctionLocation]]');
  return isJsonObject(location) ? scripts.frameAt(location, textOf(valueNamed(found?.['result'], 'name'))) : null;
}

const propertiesOf = async (session: InspectorSession, object: Json | undefined): Promise<JsonObject | undefined> => {
  const objectId = isJsonObject(object) ? object['objectId'] : undefined;
  return objectId === undefined ? undefined : session.ask('Runtime.getProperties', { objectId, ownProperties: true });
};

function valueNamed(properties: Json | undefined, wanted: string): Json | undefined {
  const value = listOf(properties).find(({ name }) => name === wanted)?.['value'];
  return isJsonObject(value) ? value['value'] : undefined;
}

const listOf = (list: Json | undefined): readonly JsonObject[] => (Array.isArray(list) ? list.filter(isJsonObject) : []);
