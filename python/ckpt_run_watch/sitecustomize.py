"""Lets ckpt-run see what a Python program is in when it hangs: see docs/program-hangs.md, "Where stacks come from".

Python imports this module at its start where this directory comes first on PYTHONPATH. It leaves the program as it would be without
it: PYTHONPATH and sys.path are restored, and the sitecustomize that it shadows is imported in its place.
"""

import os
import sys

ORIGINAL_PATH = 'CKPT_RUN_WATCH_PYTHONPATH'
DIRECTORY = os.path.dirname(os.path.abspath(__file__))

# Real-time signals that nobody is known to use. Each asks for stacks in another way, because only one of them is safe at a time.
THIS_THREAD, ALL_THREADS, INTERPRETER = 50, 51, 52

# Descriptors below are as they would be without us.
LEAST_DESCRIPTOR = 200


def restore_paths():
    original = os.environ.pop(ORIGINAL_PATH, None)
    if os.environ.get('PYTHONPATH', '').split(os.pathsep)[0] == DIRECTORY:
        if original is None:
            del os.environ['PYTHONPATH']
        else:
            os.environ['PYTHONPATH'] = original
    sys.path[:] = [entry for entry in sys.path if entry != DIRECTORY]
    sys.path_importer_cache.pop(DIRECTORY, None)


def open_unnamed_file():
    """A file that goes with the process, and that its user finds below /proc/PID/fd."""
    from fcntl import F_DUPFD_CLOEXEC, fcntl

    try:
        low = os.memfd_create('ckpt-run-stacks')
    except (AttributeError, OSError):
        path = '/dev/shm/ckpt-run-stacks-%d' % os.getpid()
        low = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.unlink(path)
    try:
        return fcntl(low, F_DUPFD_CLOEXEC, LEAST_DESCRIPTOR)
    finally:
        os.close(low)


def answer_signals():
    import _signal
    import faulthandler
    from _thread import get_ident

    opened = []

    def register():
        descriptor = open_unnamed_file()
        # Whoever copies the process, or closes its files, is told from it by this line.
        os.write(descriptor, b'pid %d fd %d main 0x%x\n' % (os.getpid(), descriptor, get_ident()))
        faulthandler.register(THIS_THREAD, file=descriptor, all_threads=False, chain=False)
        faulthandler.register(ALL_THREADS, file=descriptor, all_threads=True, chain=False)
        for inherited in opened:
            os.close(inherited)
        opened[:] = [descriptor]

    def answer(_number, _frame):
        try:
            faulthandler.dump_traceback(file=opened[0], all_threads=True)
            os.write(opened[0], b'end\n')
        except Exception:
            pass

    def register_in_child():
        try:
            register()
        except Exception:
            pass

    register()
    _signal.signal(INTERPRETER, answer)
    _signal.siginterrupt(INTERPRETER, False)
    if hasattr(os, 'register_at_fork'):
        os.register_at_fork(after_in_child=register_in_child)


try:
    restore_paths()
    answer_signals()
except Exception:
    pass

# The one that this one shadows takes its place; where there is none, Python hears that there is none.
del sys.modules['sitecustomize']
import sitecustomize  # noqa: E402,F401,I001
