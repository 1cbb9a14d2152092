// How long is waited for what must happen. It ends a test that is stuck, and says nothing about how fast anything is.

export const DEADLINE_MS = 60_000;
