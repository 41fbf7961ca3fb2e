// A program of one client library, driven from outside: a JSON command a line on stdin, its JSON answer on stdout.
import { createInterface } from "node:readline";

// Libraries log, and stdout is for answers alone.
console.log = console.info = console.debug = console.warn = console.error;

export const memory = () => {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
  };
};

export const claims = (jwt) => JSON.parse(Buffer.from(jwt.split(".")[1], "base64url"));

// What a library says in the command's time, each request by its operation and its flow or challenge.
let sent = [];

export const note = (operation, parameters) => {
  const step = parameters.AuthFlow ?? parameters.ChallengeName;
  sent.push(step ? `${operation} ${step}` : operation);
};

const realFetch = globalThis.fetch;
globalThis.fetch = (url, options) => {
  const target = new Headers(options?.headers).get("x-amz-target");
  if (target) note(target.split(".")[1], JSON.parse(options.body));
  return realFetch(url, options);
};

export const run = async (commands) => {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...parameters] = JSON.parse(line);
    sent = [];
    let outcome;
    try {
      outcome = { result: (await commands[command](...parameters)) ?? null };
    } catch (error) {
      outcome = { error: { name: error.name, message: error.message, stack: error.stack } };
    }
    process.stdout.write(`${JSON.stringify({ ...outcome, sent })}\n`);
  }
};
