/** What a file system is called, and whether it serves one machine alone. */
export interface FileSystemType {
  readonly name: string;
  /** Then what one process does is seen by all others at once, and reported to them. */
  readonly isLocal: boolean;
}

const LOCAL: Readonly<Record<number, string>> = {
  61267: 'ext',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
  2035054128: 'overlay',
  801189825: 'zfs',
  4076150800: 'f2fs',
  3393526350: 'bcachefs',
};

const REMOTE: Readonly<Record<number, string>> = {
  26985: 'nfs',
  1702057286: 'fuse',
  198183888: 'lustre',
  1196443219: 'gpfs',
  12805120: 'ceph',
  428016422: 'beegfs',
  4283649346: 'cifs',
  4266872130: 'smb2',
  16914839: '9p',
  1397113167: 'afs',
  1952539503: 'ocfs2',
  18225520: 'gfs2',
};

/** What the number means that statfs(2) gives; one that is not known may be a network's. */
export function fileSystemType(magic: number): FileSystemType {
  const local = LOCAL[magic];
  if (local !== undefined) return { name: local, isLocal: true };
  return { name: REMOTE[magic] ?? `0x${magic.toString(16)}`, isLocal: false };
}
