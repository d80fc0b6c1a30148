/** Where a system call has the file that it is about: a pointer to a path, or a descriptor, by the number of the argument. */
export type FileArgument = { readonly path: 0 | 1 | 2 } | { readonly descriptor: 0 | 1 };

/** A system call that a process can be found in. */
export interface SystemCall {
  readonly name: string;
  /** Null where it is about no file. */
  readonly file: FileArgument | null;
}

const FIRST_PATH = { path: 0 } as const;
/** Behind the descriptor of the directory that a relative path starts from. */
const SECOND_PATH = { path: 1 } as const;
const THIRD_PATH = { path: 2 } as const;
const FIRST_DESCRIPTOR = { descriptor: 0 } as const;
const SECOND_DESCRIPTOR = { descriptor: 1 } as const;

type Row = readonly [name: string, x64: number | null, arm64: number | null, file: FileArgument | null];

/** The numbers are part of the kernel's promise to programs: they never change. */
const CALLS: readonly Row[] = [
  ['read', 0, 63, FIRST_DESCRIPTOR],
  ['pread64', 17, 67, FIRST_DESCRIPTOR],
  ['readv', 19, 65, FIRST_DESCRIPTOR],
  ['preadv', 295, 69, FIRST_DESCRIPTOR],
  ['write', 1, 64, FIRST_DESCRIPTOR],
  ['pwrite64', 18, 68, FIRST_DESCRIPTOR],
  ['writev', 20, 66, FIRST_DESCRIPTOR],
  ['pwritev', 296, 70, FIRST_DESCRIPTOR],
  ['close', 3, 57, FIRST_DESCRIPTOR],
  ['fcntl', 72, 25, FIRST_DESCRIPTOR],
  ['flock', 73, 32, FIRST_DESCRIPTOR],
  ['ioctl', 16, 29, FIRST_DESCRIPTOR],
  ['fsync', 74, 82, FIRST_DESCRIPTOR],
  ['fdatasync', 75, 83, FIRST_DESCRIPTOR],
  ['syncfs', 306, 267, FIRST_DESCRIPTOR],
  ['sync', 162, 81, null],
  ['ftruncate', 77, 46, FIRST_DESCRIPTOR],
  ['fallocate', 285, 47, FIRST_DESCRIPTOR],
  ['lseek', 8, 62, FIRST_DESCRIPTOR],
  ['fstat', 5, 80, FIRST_DESCRIPTOR],
  ['fstatfs', 138, 44, FIRST_DESCRIPTOR],
  ['getdents', 78, null, FIRST_DESCRIPTOR],
  ['getdents64', 217, 61, FIRST_DESCRIPTOR],
  ['copy_file_range', 326, 285, FIRST_DESCRIPTOR],
  ['sendfile', 40, 71, SECOND_DESCRIPTOR],
  ['open', 2, null, FIRST_PATH],
  ['openat', 257, 56, SECOND_PATH],
  ['openat2', 437, 437, SECOND_PATH],
  ['creat', 85, null, FIRST_PATH],
  ['stat', 4, null, FIRST_PATH],
  ['lstat', 6, null, FIRST_PATH],
  ['newfstatat', 262, 79, SECOND_PATH],
  ['statx', 332, 291, SECOND_PATH],
  ['statfs', 137, 43, FIRST_PATH],
  ['access', 21, null, FIRST_PATH],
  ['faccessat', 269, 48, SECOND_PATH],
  ['faccessat2', 439, 439, SECOND_PATH],
  ['truncate', 76, 45, FIRST_PATH],
  ['chdir', 80, 49, FIRST_PATH],
  ['chmod', 90, null, FIRST_PATH],
  ['fchmodat', 268, 53, SECOND_PATH],
  ['chown', 92, null, FIRST_PATH],
  ['lchown', 94, null, FIRST_PATH],
  ['fchownat', 260, 54, SECOND_PATH],
  ['utimensat', 280, 88, SECOND_PATH],
  ['mkdir', 83, null, FIRST_PATH],
  ['mkdirat', 258, 34, SECOND_PATH],
  ['rmdir', 84, null, FIRST_PATH],
  ['unlink', 87, null, FIRST_PATH],
  ['unlinkat', 263, 35, SECOND_PATH],
  ['rename', 82, null, FIRST_PATH],
  ['renameat', 264, 38, SECOND_PATH],
  ['renameat2', 316, 276, SECOND_PATH],
  ['link', 86, null, FIRST_PATH],
  ['linkat', 265, 37, SECOND_PATH],
  ['symlink', 88, null, SECOND_PATH],
  ['symlinkat', 266, 36, THIRD_PATH],
  ['readlink', 89, null, FIRST_PATH],
  ['readlinkat', 267, 78, SECOND_PATH],
  // About no file, but what a thread that waits is found in.
  ['futex', 202, 98, null],
  ['epoll_wait', 232, null, null],
  ['epoll_pwait', 281, 22, null],
  ['poll', 7, null, null],
  ['ppoll', 271, 73, null],
  ['select', 23, null, null],
  ['pselect6', 270, 72, null],
  ['wait4', 61, 260, null],
  ['waitid', 247, 95, null],
  ['nanosleep', 35, 101, null],
  ['clock_nanosleep', 230, 115, null],
  ['connect', 42, 203, null],
  ['accept', 43, 202, null],
  ['accept4', 288, 242, null],
  ['recvfrom', 45, 207, null],
  ['recvmsg', 47, 212, null],
  ['sendto', 44, 206, null],
  ['sendmsg', 46, 211, null],
];

/** The system call of a number; one that is not known is told by its number, as are all on other processors. */
export function systemCall(number: number, processor: string): SystemCall {
  const row = CALLS.find(([, x64, arm64]) => number === (processor === 'x64' ? x64 : processor === 'arm64' ? arm64 : null));
  return row === undefined ? { name: `system call ${number}`, file: null } : { name: row[0], file: row[3] };
}
