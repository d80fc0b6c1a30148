import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { worldFromEnvironment } from '../../shared/contracts/world.ts';
import { sandbox, scenarioText } from './sandbox.ts';

type Environment = Readonly<Record<string, string>>;

const FIELDS = `callbacks: ({ rank }) => [{ name: 'Spy', onTrainEnd: () => writeFileSync(process.env.SPY_FILE + rank, JSON.stringify(process.env)) }],`;

test('each rank has the environment that torchrun gives, and the one it inherits', async () => {
  const box = sandbox();
  box.write('mine.mjs', scenarioText(FIELDS, `import { writeFileSync } from 'node:fs';`));
  const inherited = { SPY_FILE: join(box.directory, 'spy-'), MY_OWN: 'kept', RANK: '7', WORLD_SIZE: '8', MASTER_PORT: '1' };
  const env = { ...inherited, NODE_EXTRA_CA_CERTS: '/not/for/ranks' };
  const { code, stderr, report } = await box.runForReport(['--nproc_per_node=3', '--scenario=./mine.mjs'], { env });
  expect(code, stderr).toBe(0);
  const ranks = [0, 1, 2].map((rank): Environment => JSON.parse(readFileSync(join(box.directory, `spy-${rank}`), 'utf8')));
  for (const [rank, environment] of ranks.entries()) {
    expect(environment).toMatchObject({
      ...{ RANK: `${rank}`, LOCAL_RANK: `${rank}`, GROUP_RANK: '0', ROLE_RANK: `${rank}`, ROLE_NAME: 'default' },
      ...{ WORLD_SIZE: '3', LOCAL_WORLD_SIZE: '3', GROUP_WORLD_SIZE: '1', ROLE_WORLD_SIZE: '3' },
      ...{ MASTER_ADDR: '127.0.0.1', TORCHELASTIC_RUN_ID: report.runId, TORCHELASTIC_RESTART_COUNT: '0' },
      ...{ TORCHELASTIC_MAX_RESTARTS: '0', TORCHELASTIC_USE_AGENT_STORE: 'False', MY_OWN: 'kept' },
    });
    expect(environment).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
    expect(worldFromEnvironment(environment)).toMatchObject({ rank, worldSize: 3, runId: report.runId, attempt: 0 });
  }
  const ports = new Set(ranks.map(({ MASTER_PORT }) => Number(MASTER_PORT)));
  expect(ports.size).toBe(1);
  expect([...ports][0]).toBeGreaterThan(1023);
});
