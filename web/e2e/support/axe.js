// Accessibility as axe-core sees it: any violation fails.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Checks the page as it stands. The checker runs beside the page, which its own policy would not let in as a script.
export async function accessible(page) {
  const client = await page.context().newCDPSession(page);
  try {
    const { executionContextId: contextId } = await world(client);
    await client.send('Runtime.evaluate', { expression: source, contextId });
    const { result, exceptionDetails } = await client.send('Runtime.evaluate', {
      // What fades in has another contrast meanwhile. What goes on for ever, such as a spinner, is looked at as it is.
      expression: `Promise.all(
        document.getAnimations()
          .filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime))
          .map((animation) => animation.finished.catch(() => {})),
      ).then(() => axe.run(document)).then(({ violations }) => violations)`,
      awaitPromise: true,
      returnByValue: true,
      contextId,
    });
    assert.ok(!exceptionDetails, exceptionDetails?.exception?.description);
    assert.deepEqual(result.value.map(told), [], 'axe-core finds nothing');
  } finally {
    await client.detach();
  }
}

async function world(client) {
  const { frameTree } = await client.send('Page.getFrameTree');
  return client.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
}

function told({ id, help, nodes }) {
  return { id, help, nodes: nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`) };
}
