// Each event that a function gets is noted in a file, a line of JSON, for the tests to read.
import { appendFileSync } from "node:fs";

export const recorded = (handler) => async (event) => {
  appendFileSync(process.env.EVENTS, `${JSON.stringify(event)}\n`);
  return handler(event);
};
