// Whom to refuse, by what the app says in its ClientMetadata.
import { recorded } from "./recorded.mjs";

export const before = recorded((event) => {
  if (event.request.validationData?.app === "retired") throw new Error("This app is no longer served");
  return event;
});

export const after = recorded((event) => {
  const { clientMetadata, newDeviceUsed } = event.request;
  if (clientMetadata?.devices === "known" && newDeviceUsed) throw new Error("This device is new");
  return event;
});
