// What the app asks of Cognito, by AWS Amplify.
import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";

const { VITE_USER_POOL_ID, VITE_USER_POOL_CLIENT_ID, VITE_USER_POOL_ENDPOINT } = import.meta.env;

if (!VITE_USER_POOL_ID || !VITE_USER_POOL_CLIENT_ID)
  throw new Error("Start Vite with VITE_USER_POOL_ID and VITE_USER_POOL_CLIENT_ID, or run run.py, which makes a pool.");

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: VITE_USER_POOL_ID,
      userPoolClientId: VITE_USER_POOL_CLIENT_ID,
      // A server's URL. Without it Amplify speaks to AWS.
      userPoolEndpoint: VITE_USER_POOL_ENDPOINT || undefined,
    },
  },
});

const CODES = {
  CONFIRM_SIGN_IN_WITH_TOTP_CODE: "Code of your authenticator app",
  CONFIRM_SIGN_IN_WITH_SMS_CODE: "Code of the text message",
  CONFIRM_SIGN_IN_WITH_EMAIL_CODE: "Code of the e-mail",
};

// Which code is asked for, in words; undefined once the user is signed in.
const codeDue = ({ isSignedIn, nextStep: { signInStep } }) => {
  if (isSignedIn) return undefined;
  if (signInStep in CODES) return CODES[signInStep];
  throw new Error(`This app has no form for ${signInStep}.`);
};

export const signIn = async (username, password) => codeDue(await auth.signIn({ username, password }));

export const answer = async (code) => codeDue(await auth.confirmSignIn({ challengeResponse: code }));

export const signOut = () => auth.signOut();

// The user of the tokens that Amplify kept, undefined if there are none.
export const currentUser = () =>
  auth.getCurrentUser().then(
    ({ username }) => username,
    () => undefined,
  );

export const remember = () => auth.rememberDevice();

export const forget = (id) => auth.forgetDevice({ device: { id } });

// The remembered ones, as Cognito lists no others; the device of this sign-in among them is `current`.
export const devices = async () => {
  const { tokens } = await auth.fetchAuthSession();
  const key = tokens?.accessToken.payload.device_key;
  return (await auth.fetchDevices()).map((device) => ({ ...device, current: device.id === key }));
};
