// aws-amplify, as in a browser, with its tokens in memory.
import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { Hub } from "aws-amplify/utils";
import { memory, run } from "./program.mjs";

// Amplify names a new device after the browser. Where there is none (node before 21) this fails, and Amplify
// goes on without a word and with a device that it has not confirmed.
globalThis.navigator ??= { userAgent: "node" };

const STEPS = {
  DONE: null,
  CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED: "NEW_PASSWORD_REQUIRED",
  CONFIRM_SIGN_IN_WITH_SMS_CODE: "SMS_MFA",
  CONFIRM_SIGN_IN_WITH_TOTP_CODE: "SOFTWARE_TOKEN_MFA",
  CONFIRM_SIGN_IN_WITH_EMAIL_CODE: "EMAIL_OTP",
  CONTINUE_SIGN_IN_WITH_TOTP_SETUP: "MFA_SETUP",
  CONTINUE_SIGN_IN_WITH_EMAIL_SETUP: "MFA_SETUP",
  CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION: "SELECT_CHALLENGE",
  CONFIRM_SIGN_IN_WITH_PASSWORD: "PASSWORD",
  CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE: "CUSTOM_CHALLENGE",
};

const next = ({ nextStep: { signInStep, totpSetupDetails, availableChallenges, additionalInfo } }) => ({
  next: signInStep in STEPS ? STEPS[signInStep] : signInStep,
  secret: totpSetupDetails?.sharedSecret,
  availableChallenges,
  parameters: additionalInfo,
});

// A refused refresh is told to listeners only.
let refusal;
Hub.listen("auth", ({ payload }) => {
  if (payload.event === "tokenRefresh_failure") refusal = payload.data.error;
});

const tokens = async (options) => {
  const session = await auth.fetchAuthSession(options);
  if (!session.tokens) throw refusal;
  return session.tokens;
};

const accessToken = async (options) => (await tokens(options)).accessToken;

await run({
  configure({ endpoint, userPoolId, clientId }) {
    Amplify.configure({
      Auth: { Cognito: { userPoolId, userPoolClientId: clientId, userPoolEndpoint: endpoint } },
    });
    cognitoUserPoolsTokenProvider.setKeyValueStorage(memory());
  },
  signIn: async (username, password) => next(await auth.signIn({ username, password })),
  async signInByChoice(username, password, preferredChallenge) {
    const options = { authFlowType: "USER_AUTH", preferredChallenge: preferredChallenge ?? undefined };
    return next(await auth.signIn({ username, password: password ?? undefined, options }));
  },
  async signInByChallenge(username, password, clientMetadata) {
    const authFlowType = password ? "CUSTOM_WITH_SRP" : "CUSTOM_WITHOUT_SRP";
    return next(await auth.signIn({ username, password, options: { authFlowType, clientMetadata } }));
  },
  // After ConfirmSignUp Amplify signs in by the Session that came with it.
  async signUp(username, password) {
    await auth.signUp({ username, password, options: { autoSignIn: { authFlowType: "USER_AUTH" } } });
    await auth.confirmSignUp({ username, confirmationCode: "123456" });
    return next(await auth.autoSignIn());
  },
  answer: async (challengeResponse, clientMetadata) =>
    next(await auth.confirmSignIn({ challengeResponse, options: { clientMetadata } })),
  setUpTotp: async () => (await auth.setUpTOTP()).sharedSecret,
  verifyTotp: (code) => auth.verifyTOTPSetup({ code }),
  preferTotp: () => auth.updateMFAPreference({ totp: "PREFERRED" }),
  changePassword: (oldPassword, newPassword) => auth.updatePassword({ oldPassword, newPassword }),
  devices: async () => (await auth.fetchDevices()).map((device) => device.id),
  remember: () => auth.rememberDevice(),
  forget: () => auth.forgetDevice(),
  claims: async () => (await accessToken()).payload,
  idClaims: async () => (await tokens()).idToken.payload,
  async refresh() {
    const before = String(await accessToken());
    const after = await accessToken({ forceRefresh: true });
    return { renewed: String(after) !== before };
  },
  signOut: () => auth.signOut(),
});
