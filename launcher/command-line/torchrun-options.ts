import type { OptionRow } from './option-row.ts';

/** What every option of torchrun has that is about a launched program. */
const launch = { group: 'torchrun', isTorchrun: true, only: 'program' } as const;

/** torchrun's options, in the order of its own help. */
export const TORCHRUN_OPTIONS = {
  nnodes: { ...launch, kind: 'integer', default: '1', describe: 'Nodes, each with a launcher of its own; a range MIN:MAX is refused, nodes neither come nor go' },
  'nproc-per-node': { group: 'torchrun', isTorchrun: true, kind: 'processes', default: '1', describe: 'Ranks to start: a number, or auto or cpu for one per core' },
  'rdzv-backend': { ...launch, kind: 'text', default: 'static', describe: 'static, or c10d on a single node; both mean the same here, others are refused' },
  'rdzv-endpoint': { ...launch, kind: 'endpoint', mayBeEmpty: true, describe: 'MASTER_ADDR and MASTER_PORT in one, before --master-addr and --master-port; port 0 is a free one' },
  'rdzv-id': { ...launch, kind: 'text', default: "the run's own id", describe: 'TORCHELASTIC_RUN_ID of the ranks' },
  'rdzv-conf': { ...launch, kind: 'text', mayBeEmpty: true, isNoOp: true, describe: 'KEY=VALUE,...: no effect, there is no rendezvous to configure' },
  standalone: { group: 'torchrun', isTorchrun: true, kind: 'flag', describe: 'A single node at a free port, whatever the options of rendezvous and master say' },
  'max-restarts': { ...launch, kind: 'count', default: '0', describe: 'How often the whole group is started again after a failure' },
  'monitor-interval': { ...launch, kind: 'text', isNoOp: true, describe: 'Seconds: no effect, exits are events here and nothing is polled' },
  'start-method': { ...launch, kind: 'start-method', isNoOp: true, describe: 'No effect, ranks are always programs of their own' },
  'event-log-handler': { ...launch, kind: 'text', describe: 'Where events of the launcher go', refusal: 'handlers are Python objects, expected --report FILE or --log-format=json in its place' },
  role: { ...launch, kind: 'text', default: 'default', describe: 'ROLE_NAME of the ranks' },
  module: { ...launch, kind: 'flag', alias: 'm', describe: 'The program is the name of a Python module' },
  'no-python': { ...launch, kind: 'flag', describe: 'Execute the program itself, whatever its name ends in' },
  'run-path': { ...launch, kind: 'flag', describe: "Run the program by Python's runpy in the launcher's interpreter", refusal: 'the launcher is no Python that could run it, expected the program alone, or -m and a module' },
  'log-dir': { ...launch, kind: 'path', default: 'the run directory', describe: 'Where the files of --redirects and --tee go' },
  redirects: { ...launch, kind: 'streams', alias: 'r', default: '0', describe: 'What goes to files: 0 nothing, 1 stdout, 2 stderr, 3 both; or such as 0:1,12:3 for single local ranks' },
  tee: { ...launch, kind: 'streams', alias: 't', default: '0', describe: 'What goes to files and to the console, as for --redirects' },
  'local-ranks-filter': { ...launch, kind: 'local-ranks', mayBeEmpty: true, default: 'all', describe: 'Local ranks that appear on the console' },
  'duplicate-stdout-filters': { ...launch, kind: 'text', describe: 'Lines of stdout that are copied to a file', refusal: 'lines are not copied by their text, expected -t 1 and grep' },
  'duplicate-stderr-filters': { ...launch, kind: 'text', describe: 'Lines of stderr that are copied to a file', refusal: 'lines are not copied by their text, expected -t 2 and grep' },
  'node-rank': { ...launch, kind: 'count', default: '0', describe: 'Which of the nodes this is' },
  'master-addr': { ...launch, kind: 'text', default: '127.0.0.1', describe: 'MASTER_ADDR of the ranks' },
  'master-port': { ...launch, kind: 'port', default: 'a free one; 29500 with several nodes', describe: 'MASTER_PORT of the ranks' },
  'local-addr': { ...launch, kind: 'text', isNoOp: true, describe: "No effect, nobody asks for this node's address" },
  'logs-specs': { ...launch, kind: 'text', lacksPet: true, describe: 'A Python class that lays out the logs', refusal: 'the layout is no Python class, expected --log-dir, -r and -t' },
  'numa-binding': { ...launch, kind: 'text', lacksPet: true, describe: "Bind ranks to the cores near their GPU", refusal: 'nothing is known of GPUs here, expected numactl in front of the program' },
  'signals-to-handle': { ...launch, kind: 'signals', isNoOp: true, default: 'SIGTERM,SIGINT,SIGHUP,SIGQUIT', describe: 'Told to the ranks, no other effect: these, SIGUSR1 and SIGUSR2 are always forwarded' },
  'shutdown-timeout': { group: 'Time', isTorchrun: true, kind: 'seconds', default: '5; 30 for a program', describe: 'Time between SIGTERM and SIGKILL for a rank that must end' },
  'virtual-local-rank': { ...launch, kind: 'flag', describe: 'LOCAL_RANK 0 for every rank, with one GPU each', refusal: 'nothing is known of GPUs here, expected a program that uses LOCAL_RANK' },
  'use-env': { ...launch, kind: 'flag', lacksPet: true, isNoOp: true, describe: 'No effect: a rank finds its local rank in LOCAL_RANK, --local-rank is never added' },
} as const satisfies Readonly<Record<string, OptionRow>>; // biome-ignore format: a table
