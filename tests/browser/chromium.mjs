// Chromium, and one page in it at a time, driven as a screen reader shows it: by labels and by the names of buttons.
import { chromium } from "playwright-core";
import { run } from "../interop/clients/program.mjs";

let browser;
let page;
let requests;
let preflights;
let complaints;

// Only the browser's own protocol shows the preflights that it sends.
const watch = async (session) => {
  const asked = new Map();
  session.on("Network.requestWillBeSent", ({ requestId, request }) => {
    const target = request.headers["X-Amz-Target"] ?? request.headers["x-amz-target"];
    if (request.method === "OPTIONS") asked.set(requestId, { url: request.url, asked: request.headers });
    if (!target) return;
    const { AuthFlow, ChallengeName } = JSON.parse(request.postData);
    requests.push([target.split(".")[1], AuthFlow ?? ChallengeName].filter(Boolean).join(" "));
  });
  session.on("Network.responseReceived", ({ requestId, response: { status, headers } }) => {
    if (asked.has(requestId)) preflights.push({ ...asked.get(requestId), status, answered: headers });
  });
  await session.send("Network.enable");
};

await run({
  async launch(executablePath) {
    browser = await chromium.launch({ executablePath });
    return browser.version();
  },
  // A browser that has never been here.
  async open(url, options) {
    await page?.context().close();
    requests = [];
    preflights = [];
    complaints = [];
    page = await (await browser.newContext({ locale: "en-GB", viewport: { width: 640, height: 480 }, ...options })).newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => complaints.push(String(error)));
    await watch(await page.context().newCDPSession(page));
    await page.goto(url);
  },
  reload: () => page.reload(),
  fill: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
  check: (label) => page.getByLabel(label, { exact: true }).check(),
  click: (name) => page.getByRole("button", { name, exact: true }).click(),
  // Waits for it.
  see: (text) => page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor(),
  gone: (text) => page.getByText(text, { exact: true }).filter({ visible: true }).waitFor({ state: "detached" }),
  heading: (name) => page.getByRole("heading", { name, exact: true, level: 1 }).waitFor(),
  devices: () => page.getByRole("list", { name: "Remembered devices" }).getByRole("listitem").allInnerTexts(),
  value: (label) => page.getByLabel(label, { exact: true }).inputValue(),
  focused: () => page.evaluate(() => document.activeElement.name ?? null),
  width: () => page.evaluate(() => document.documentElement.scrollWidth),
  screenshot: (path) => page.screenshot({ path }).then(() => null),
  // What the app has said to the service since this was last asked for, by operation and flow or challenge.
  requests: () => requests.splice(0),
  preflights: () => preflights,
  complaints: () => complaints,
});

await browser?.close();
