// Claims, of which one tells why the function was called.
import { recorded } from "./recorded.mjs";

export const versionOne = recorded((event) => {
  event.response.claimsOverrideDetails = {
    claimsToAddOrOverride: { tenant: "analytical-engines", minted_for: event.triggerSource },
    claimsToSuppress: ["email"],
  };
  return event;
});

export const versionTwo = recorded((event) => {
  const claimsToAddOrOverride = { tenants: ["engines", "looms"], minted_for: event.triggerSource };
  event.response.claimsAndScopeOverrideDetails = {
    idTokenGeneration: { claimsToAddOrOverride, claimsToSuppress: ["email"] },
    accessTokenGeneration: { claimsToAddOrOverride, scopesToAdd: ["looms/read"] },
  };
  return event;
});
