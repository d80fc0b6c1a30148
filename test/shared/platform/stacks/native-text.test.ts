import { expect, test } from 'vitest';
import { threadsOfEuStack, threadsOfGdb } from '../../../../shared/platform/stacks/native-text.ts';

/** As gdb 13 wrote it. */
const GDB = `[New LWP 1947]
[Thread debugging using libthread_db enabled]
0x00007f9fa5bbe545 in __GI___clock_nanosleep (clock_id=1, flags=1, rem=0x0) at ../sysdeps/clock_nanosleep.c:48
48	../sysdeps/unix/sysv/linux/clock_nanosleep.c: No such file or directory.

Thread 2 (Thread 0x7f9fa58336c0 (LWP 1947) "loader"):
#0  0x00007f9fa5bbe545 in read () from /lib/x86_64-linux-gnu/libc.so.6
#1  0x00000000005d64b4 in ?? ()

Thread 1 (Thread 0x7f9fa5aee040 (LWP 1945) "python3"):
#0  __GI___clock_nanosleep (clock_id=1, flags=1, req=0x7ff, rem=0x0) at ../sysdeps/unix/clock_nanosleep.c:48
#1  0x000000000052b9e0 in std::function<void (int)>::operator()(int) const (this=0x1)
[Inferior 1 (process 1945) detached]
`;

const EU_STACK = `PID 1945 - process
TID 1947:
#0  0x00007f9fa5bbe545     read
#1  0x00000000005d64b4 - 1
TID 1945:
#0  0x00007f9fa5bbe545 clock_nanosleep@GLIBC_2.2.5
#1  0x00000000005d64b4
#2  0x000000000053acbc - 1 PyObject_Vectorcall
`;

const named = (functionName: string | null): object => ({ functionName, file: null, line: null });

test('gdb tells threads and their functions, and places where it knows them', () => {
  expect(threadsOfGdb(GDB, 1945)).toEqual([
    {
      name: 'python3',
      isMain: true,
      frames: [
        { functionName: '__GI___clock_nanosleep', file: '../sysdeps/unix/clock_nanosleep.c', line: 48 },
        named('std::function<void (int)>::operator()(int) const'),
      ],
    },
    { name: 'loader', isMain: false, frames: [named('read'), named(null)] },
  ]);
});

test('eu-stack tells threads and their functions', () => {
  expect(threadsOfEuStack(EU_STACK, 1945)).toEqual([
    { name: null, isMain: true, frames: [named('clock_nanosleep@GLIBC_2.2.5'), named(null), named('PyObject_Vectorcall')] },
    { name: null, isMain: false, frames: [named('read'), named(null)] },
  ]);
});

test('nothing is understood of anything else', () => {
  expect([threadsOfGdb('', 1), threadsOfEuStack('eu-stack: cannot attach\n#0 0x1 f\n', 1)]).toEqual([[], []]);
});
