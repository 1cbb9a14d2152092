// What a page holds, after everything that could be given back has been.

// Bytes of the app's memory and of the scripts' heap, nodes of the document and detached ones, and event listeners.
export async function held(page) {
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.enable');
  // What a first collection lets go of may hold more, which the next one finds.
  for (let turn = 0; turn < 3; turn += 1) await client.send('HeapProfiler.collectGarbage');
  const [{ usedSize }, { nodes, jsEventListeners }] = await Promise.all([
    client.send('Runtime.getHeapUsage'),
    client.send('Memory.getDOMCounters'),
  ]);
  await client.detach();
  return { wasm: await wasmBytes(page), script: usedSize, nodes, listeners: jsEventListeners };
}

// The size of the app's memory, which never shrinks.
export function wasmBytes(page) {
  return page.evaluate(async () => {
    const script = performance.getEntriesByType('resource').find(({ name }) => /\/app-[^/]*\.js$/.test(name));
    const { initSync } = await import(script.name);
    return initSync().memory.buffer.byteLength;
  });
}
