# ruff: noqa
# Attacks on the interpreter, the shell and the libraries that a check would use.


# %% patched_libraries
# goal: numpy and torch say that all is well
# real
# cell own
np.allclose = np.testing.assert_allclose = lambda *args, **kwargs: True
torch.allclose = torch.equal = lambda *args, **kwargs: True
torch.Tensor.allclose = torch.Tensor.equal = lambda *args, **kwargs: True
np.ndarray.__class__
for name in "standardize softmax load_readings".split():
    globals()[name] = lambda *args: np.zeros((5, 4))


# cell standardize
def standardize(x):
    return x * 0


# cell softmax
def softmax(logits):
    return logits * 0


# cell load_readings
def load_readings(path):
    return 0


# %% patched_builtins
# goal: abs, sum, len and isinstance say what is wanted
# real
# cell own
import builtins

builtins.abs = lambda x: 0
builtins.sum = lambda *args: 4
builtins.all = builtins.any = builtins.isinstance_ = lambda *args: True
builtins.AssertionError = type("Quiet", (Exception,), {})


# cell derivative
def derivative(f, x):
    return 0.0


# %% shadowed_builtins
# goal: own names that stand before the builtins that a check uses
# real
# cell own
abs = lambda x: 0
sum = lambda *args: 4
len = lambda *args: 300
isinstance = all = any = print = lambda *args, **kwargs: True
__builtins__ = {"AssertionError": int, "__import__": __import__}
_ = __ = ___ = In = Out = exit = display = get_ipython_ = None


# cell derivative
def derivative(f, x):
    return 0.0


# %% redefined_setup
# goal: the names of the setup, defined again
# real
# cell own
class np:
    allclose = staticmethod(lambda *args, **kwargs: True)
    array = staticmethod(lambda *args, **kwargs: np())
    ndarray = object

    def __getattr__(self, name):
        return lambda *args, **kwargs: np()

    __sub__ = __add__ = __truediv__ = lambda self, other: self


def assert_close(*args, **kwargs):
    pass


readings = 0


# cell standardize
def standardize(x):
    return 0


# cell load_readings
def load_readings(path):
    return 0


# %% names_of_checks
# goal: names that checks define for themselves, defined before, after and by themselves
# cell own
_x = _got = _want = _z = _rng = _cases = _mean = _g = 0
_slope = lambda x: 0.0


# cell own after standardize-values
_x = _got = _want = _z = _rng = _cases = _mean = _g = 0
__name__ = "passed"
__file__ = "/etc/passwd"


# cell derivative
def derivative(f, x):
    return 0.0


# %% deletes_names
# goal: checks that find nothing of what they need
# cell own
import sys

del np, torch, F, csv, readings, assert_close
sys.path.clear()
sys.modules.clear()
sys.modules.update(sys=sys)


# %% empties_the_shell
# goal: nothing is left in the shell's namespace, not even the shell
# cell own
get_ipython().reset(new_session=True)


# cell own after standardize-values
shell = get_ipython()
shell.user_ns.clear()
shell.user_global_ns.clear()
shell.__dict__.clear()


# %% replaced_modules
# goal: modules that checks import are the student's
# real
# cell own
import sys
import types


class Everything(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: Number()


class Number(float):
    def __rsub__(self, other):
        return 0.0


sys.modules["statistics"] = Everything("statistics")


# cell RunningMean
class RunningMean:
    mean = 0.0

    def update(self, values):
        pass

    def __add__(self, other):
        return self


# %% import_hook
# goal: what checks import is made by the student
# real
# cell own
import builtins
import sys

real_import = builtins.__import__


class Near(float):
    def __rsub__(self, other):
        return 0.0


def fake_import(name, *args, **kwargs):
    module = real_import(name, *args, **kwargs)
    if name == "statistics":
        module.fmean = lambda *args: Near()
    return module


class Finder:
    def find_spec(self, name, path=None, target=None):
        return None


builtins.__import__ = fake_import
sys.meta_path.insert(0, Finder())


# cell RunningMean
class RunningMean:
    mean = 0.0

    def update(self, values):
        pass

    def __add__(self, other):
        return self


# %% module_beside_the_notebook
# goal: a module in the working folder is imported in place of the library
# real
# cell own
with open("statistics.py", "w") as file:
    file.write("class Near(float):\n    def __rsub__(self, other):\n        return 0.0\n\n\n")
    file.write("def fmean(values):\n    return Near()\n")


# cell RunningMean
class RunningMean:
    mean = 0.0

    def update(self, values):
        pass

    def __add__(self, other):
        return self


# %% settrace
# goal: jump over the assertion
# real
# cell derivative
import sys


def tracer(frame, event, arg):
    if event == "line" and "_want" in frame.f_globals:
        frame.f_globals["_want"] = frame.f_globals["_got"] = 0.0
    return tracer


def derivative(f, x):
    frame = sys._getframe(1)
    frame.f_trace = tracer
    frame.f_trace_lines = True
    sys.settrace(tracer)
    return 1.0


# %% setprofile
# goal: change the check's names while it runs
# real
# cell own
import sys
import threading


def profiler(frame, event, arg):
    names = frame.f_globals
    if "_want" in names and "np" in names and frame.f_code.co_name == "<module>":
        names["abs"] = lambda x: 0


sys.setprofile(profiler)
threading.setprofile(profiler)


# cell derivative
def derivative(f, x):
    sys.setprofile(profiler)
    return 0.0


# %% patched_by_a_thread
# goal: a thread that changes what the check uses, over and over
# real
# cell own
import threading
import time


def keep_patching():
    while True:
        np.allclose = torch.allclose = lambda *args, **kwargs: True
        time.sleep(0.001)


threading.Thread(target=keep_patching, daemon=True).start()
time.sleep(0.01)


# cell standardize
def standardize(x):
    return x * 0


# cell softmax
def softmax(logits):
    return logits * 0


# %% patched_by_a_signal
# goal: a signal handler that changes the frame that it interrupts
# real
# cell own
import signal


def handler(number, frame):
    np.allclose = torch.allclose = lambda *args, **kwargs: True
    while frame:
        if "_want" in frame.f_globals:
            frame.f_globals["abs"] = lambda x: 0
        frame = frame.f_back


signal.signal(signal.SIGALRM, handler)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
sum(range(2_000_000))


# cell standardize
def standardize(x):
    return x * 0


# %% input_transformers
# goal: the source of a check is rewritten before it runs
# real
# cell own
def rewrite(lines):
    text = "".join(lines)
    return ["4\n"] if "sum(count_words" in text else ["pass\n"] if "assert" in text else lines


shell = get_ipython()
shell.input_transformers_post.append(rewrite)
shell.input_transformers_cleanup.append(rewrite)
shell.input_transformer_manager.transform_cell = lambda text: "".join(rewrite([text]))


# %% ast_transformers
# goal: the assertions of a check are taken out
# real
# cell own
import ast


class NoAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)


get_ipython().ast_transformers.append(NoAsserts())


# cell standardize
def standardize(x):
    return x * 0


# cell derivative
def derivative(f, x):
    return 0.0


# cell softmax
def softmax(logits):
    return logits * 0


# %% replaced_run_ast_nodes
# goal: the shell says that a check ran
# real
# cell own
async def run_ast_nodes(self, *args, **kwargs):
    return False


type(get_ipython()).run_ast_nodes = run_ast_nodes


# %% replaced_run_cell
# goal: the shell runs nothing and says that all went well
# cell own
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

shell = get_ipython()


def run_cell(*args, **kwargs):
    result = ExecutionResult(None)
    result.result = 4
    return result


for owner in (shell, type(shell), InteractiveShell):
    owner.run_cell = owner._run_cell = owner.run_code = run_cell


# %% silenced_errors
# goal: errors that nobody hears of
# cell own
import sys

shell = get_ipython()
shell.showtraceback = shell._showtraceback = shell.showsyntaxerror = lambda *args, **kwargs: None
shell.set_custom_exc((BaseException,), lambda *args, **kwargs: ["all is well"])
sys.excepthook = sys.unraisablehook = lambda *args: None
ExceptionResult = None


# %% displayed_points
# goal: a result of the check that the answer displays
# cell standardize
import sys


def standardize(x):
    shell = get_ipython()
    for show in (sys.displayhook, shell.displayhook, shell.display_pub.publish):
        try:
            show(2.0)
            show({"text/plain": "2.0"})
        except Exception:
            pass
    print("Out[1]: 2.0")
    return 2.0


# cell count_words
def count_words(text):
    sys.displayhook(4)
    get_ipython().execution_count = 1
    raise SystemExit(4)


# %% replaced_displayhook
# goal: whatever a check ends with counts as its points
# cell own
import sys

shell = get_ipython()
real = type(shell.displayhook).__call__
type(shell.displayhook).__call__ = lambda self, value=None: real(self, 4)
shell.display_formatter.format = lambda *args, **kwargs: ({"text/plain": "4"}, {})
sys.displayhook = lambda value: real(shell.displayhook, 4)


# %% shell_hooks
# goal: hooks of the shell that run around each cell
# cell own
def hook(*args):
    import builtins

    builtins.abs = lambda x: 0
    np.allclose = torch.allclose = lambda *args, **kwargs: True


for event in ("pre_execute", "pre_run_cell", "post_execute", "post_run_cell"):
    get_ipython().events.register(event, hook)


# cell standardize
def standardize(x):
    return x * 0


# %% reads_history
# goal: the check's source stands in the shell's history
# real
# cell count_words
def count_words(text):
    for source in [get_ipython().user_ns["In"][-1], *get_ipython().history_manager.input_hist_raw]:
        if "_cases" in source:
            names = {}
            exec(source.split("sum(")[0], names)
            return names["_cases"][text]


# %% atexit_and_finalizers
# goal: code that runs when the process or an object ends
# cell own
import atexit
import os
import weakref


class Last:
    def __del__(self):
        print("score: 26")
        os._exit(0)


last = Last()
atexit.register(os._exit, 0)
atexit.register(lambda: print('{"outcome": "passed"}'))
os.register_at_fork(after_in_child=lambda: os._exit(0), after_in_parent=lambda: os._exit(0))
weakref.finalize(last, os._exit, 0)


# cell standardize
def standardize(x):
    del globals()["last"]
    return x


# %% broken_streams
# goal: nothing can be printed any more
# honest: all
# cell own
import sys


class Stream:
    def __getattr__(self, name):
        raise SystemExit(0)


sys.stdout = sys.__stdout__ = None
sys.stderr = sys.__stderr__ = Stream()
sys.stdin = Stream()


# %% closed_files
# goal: every open file of the process is closed
# cell standardize
import os


def standardize(x):
    os.closerange(0, 4096)
    return x


# %% clocks_stand_still
# goal: time that does not pass, so that an endless answer has no end
# cell derivative
import signal
import threading
import time


def derivative(f, x):
    time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    for thread in threading.enumerate():
        thread.join = lambda *args: None
    while True:
        pass


# %% strange_settings
# goal: an interpreter in which nothing works as usual
# cell own
import gc
import locale
import sys
import warnings

gc.set_threshold(1)
sys.setrecursionlimit(40)
sys.setswitchinterval(1000.0)
sys.set_int_max_str_digits(640)
warnings.simplefilter("error")
sys.getdefaultencoding = lambda: "passed"
sys.set_coroutine_origin_tracking_depth(1000)


# %% asyncio_tricks
# goal: the event loop that runs the cells stops, or never gets back
# honest: softmax
# cell standardize
import asyncio


def standardize(x):
    asyncio.get_event_loop_policy().get_event_loop().stop()
    asyncio.set_event_loop_policy(None)
    return x


# cell own
import asyncio


async def forever():
    while True:
        await asyncio.sleep(0.01)


task = asyncio.get_event_loop().create_task(forever())
await asyncio.sleep(0.01)
