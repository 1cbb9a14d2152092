// What Chromium's own tracing says of the page's main thread: how long its tasks are, and how much of a frame is script.

// The slices in which a page's code runs, as the performance panel counts "scripting"; garbage collection is part of it.
const SCRIPTING = new Set([
  'EvaluateScript', 'FunctionCall', 'FireAnimationFrame', 'TimerFire', 'EventDispatch', 'RunMicrotasks', 'v8.callFunction',
  'MinorGC', 'MajorGC', 'V8.GCScavenger', 'V8.GCFinalizeMC', 'WebSocketReceive', 'wasm.Call',
]);

export const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel', 'v8', 'blink.user_timing'];

// Reads a trace: {seconds, tasks, longest, over50, frames, scripting: {median, p95, worst}} with times in milliseconds.
export function read(trace) {
  const { traceEvents: events } = JSON.parse(trace);
  const main = mainThread(events);
  const slices = events.filter(({ ph, pid, tid }) => ph === 'X' && pid === main.pid && tid === main.tid);
  slices.sort((one, other) => one.ts - other.ts);
  const tasks = slices.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask');
  const frames = slices.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts);
  const scripting = perFrame(outermost(slices.filter(({ name }) => SCRIPTING.has(name))), frames);
  const lengths = tasks.map(({ dur }) => dur / 1000);
  const begin = slices[0].ts;
  const last = slices.at(-1);
  return {
    seconds: (last.ts + (last.dur ?? 0) - begin) / 1e6,
    tasks: tasks.length,
    longest: Math.max(...lengths),
    over50: lengths.filter((length) => length > 50).length,
    frames: frames.length,
    scripting: { median: at(scripting, 0.5), p95: at(scripting, 0.95), worst: at(scripting, 1) },
  };
}

// The renderer thread that runs the page: the one with the most script.
function mainThread(events) {
  const named = events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain');
  const busy = ({ pid, tid }) =>
    events.reduce((sum, event) => sum + (event.pid === pid && event.tid === tid && event.name === 'FunctionCall' ? event.dur : 0), 0);
  return named.map((thread) => ({ ...thread, busy: busy(thread) })).sort((one, other) => other.busy - one.busy)[0];
}

// Slices that stand in no other, so that no time is counted twice.
function outermost(slices) {
  let end = 0;
  return slices.filter(({ ts, dur = 0 }) => {
    if (ts < end) return false;
    end = ts + dur;
    return true;
  });
}

// Script between one animation frame and the next, in milliseconds.
function perFrame(slices, frames) {
  const sums = new Array(Math.max(frames.length - 1, 0)).fill(0);
  let frame = 0;
  for (const { ts, dur = 0 } of slices) {
    while (frame < sums.length && ts >= frames[frame + 1]) frame += 1;
    if (frame < sums.length && ts >= frames[0]) sums[frame] += dur / 1000;
  }
  return sums.sort((one, other) => one - other);
}

function at(sorted, share) {
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
}
