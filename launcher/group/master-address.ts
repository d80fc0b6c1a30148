import { createServer } from 'node:net';
import type { MasterAddress } from '../../shared/contracts/world.ts';

const HOST = '127.0.0.1';

/** Where torch listens when nobody says otherwise. */
export const TORCH_DEFAULT_PORT = 29_500;

/** An address of this machine at which torch's rendezvous can listen: its port is free at the moment, or torch's default. Never rejects. */
export function freeMasterAddress(): Promise<MasterAddress> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve({ host: HOST, port: TORCH_DEFAULT_PORT }));
    server.listen(0, HOST, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve({ host: HOST, port }));
    });
  });
}
