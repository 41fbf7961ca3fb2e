// The forms, and which of them is shown.
import "./style.css";

const view = (id) => document.getElementById(id);
const VIEWS = ["sign-in", "code", "account"].map(view);
const [signInForm, codeForm, account] = VIEWS;

const show = (shown) => {
  for (const each of VIEWS) each.hidden = each !== shown;
  shown.querySelector("input")?.focus();
};

const tell = (error) => {
  view("error").textContent = error ? error.message : "";
  view("error").hidden = !error;
};

// Loaded so that what is missing of its settings is told on the page, too.
const auth = await import("./auth.js").catch(tell);

// One thing at a time: buttons wait, and what goes wrong is told.
const doing = (action) => async (event) => {
  event?.preventDefault();
  const buttons = [...document.querySelectorAll("button")];
  const focused = document.activeElement;
  for (const button of buttons) button.disabled = true;
  tell();
  try {
    await action(event);
  } catch (error) {
    tell(error);
  } finally {
    for (const button of buttons) button.disabled = false;
    if (document.activeElement === document.body) focused.focus(); // which a button loses that is disabled
  }
};

// Amplify names a device after the browser, by all that it says of itself.
const BROWSERS = [
  [/Edge?\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/Chrom(e|ium)\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/mac ?OS/i, "macOS"],
  [/CrOS|Chrom(e|ium) OS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

const shortName = (name = "Unnamed device") => {
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find(([pattern]) => pattern.test(name))?.[1]);
  return browser && system ? `${browser} on ${system}` : name;
};

const element = (tag, properties, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

const row = ({ id, name, lastAuthenticatedDate, current }) => {
  const when = lastAuthenticatedDate?.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const forget = element("button", { type: "button", className: "quiet", textContent: "Forget" });
  forget.ariaLabel = `Forget ${shortName(name)}`;
  forget.onclick = doing(async () => {
    await auth.forget(id);
    await listDevices();
  });
  const about = element("div", {}, element("strong", { textContent: shortName(name), title: name ?? "" }));
  if (current) about.append(" ", element("mark", { textContent: "this device" }));
  about.append(element("small", { textContent: `Last used ${when ?? "never"}` }));
  return element("li", {}, about, forget);
};

const listDevices = async () => {
  const devices = await auth.devices();
  view("devices").replaceChildren(...devices.map(row));
  view("no-devices").hidden = devices.length > 0;
  view("remember").hidden = devices.some(({ current }) => current);
};

const rememberIt = async () => {
  await auth.remember();
  await listDevices();
};

const welcome = async () => {
  view("username").textContent = await auth.currentUser();
  try {
    await listDevices();
  } finally {
    show(account); // also if the tokens that were kept are good for nothing: they end by signing out
  }
};

// After each step of a sign-in: the next one, or the user's page.
const goOn = async (codeDue) => {
  signInForm.elements.password.value = "";
  if (codeDue) {
    codeForm.reset();
    view("code-label").textContent = codeDue;
    show(codeForm);
    return;
  }
  const wanted = signInForm.elements.remember.checked;
  signInForm.reset();
  await welcome();
  if (wanted) await rememberIt();
};

signInForm.onsubmit = doing(async () => {
  const { username, password } = signInForm.elements;
  await goOn(await auth.signIn(username.value, password.value));
});

codeForm.onsubmit = doing(async () => goOn(await auth.answer(codeForm.elements.code.value)));

view("back").onclick = doing(() => show(signInForm));

view("remember").onclick = doing(rememberIt);

view("sign-out").onclick = doing(async () => {
  await auth.signOut();
  view("devices").replaceChildren();
  show(signInForm);
});

if (auth) {
  if (await auth.currentUser()) await doing(welcome)();
  else show(signInForm);
}
