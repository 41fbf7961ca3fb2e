// amazon-cognito-identity-js, with a fresh CognitoUser for each sign-in, as after a page's reload.
import identity from "amazon-cognito-identity-js";
import { claims, memory, run } from "./program.mjs";

const { AuthenticationDetails, CognitoUser, CognitoUserPool } = identity;
const storage = memory();
let pool;
let user;
let challenge;

// Methods that take a callback for each outcome.
const signIn = (start) =>
  new Promise((resolve, reject) => {
    const ask = (name) => {
      challenge = name;
      resolve({ next: name });
    };
    start({
      onSuccess: (session, userConfirmationNecessary) =>
        resolve({ next: null, askUser: userConfirmationNecessary === true }),
      onFailure: reject,
      newPasswordRequired: () => ask("NEW_PASSWORD_REQUIRED"),
      mfaRequired: ask,
      totpRequired: ask,
      customChallenge: (parameters) => {
        challenge = "CUSTOM_CHALLENGE";
        resolve({ next: challenge, parameters });
      },
      mfaSetup: async (name) => {
        challenge = name;
        resolve({ next: name, secret: await secret() });
      },
    });
  });

const outcome = (start) => new Promise((resolve, reject) => start({ onSuccess: resolve, onFailure: reject }));

// Methods that take a callback as node's do.
const called = (start) =>
  new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));

const secret = () =>
  new Promise((resolve, reject) => user.associateSoftwareToken({ associateSecretCode: resolve, onFailure: reject }));

const accessToken = () => user.getSignInUserSession().getAccessToken().getJwtToken();
const idToken = () => user.getSignInUserSession().getIdToken().getJwtToken();

await run({
  configure({ endpoint, userPoolId, clientId }) {
    pool = new CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId, Storage: storage, endpoint });
  },
  signIn(username, password) {
    user = new CognitoUser({ Username: username, Pool: pool, Storage: storage });
    const details = new AuthenticationDetails({ Username: username, Password: password });
    return signIn((callbacks) => user.authenticateUser(details, callbacks));
  },
  signInByChallenge(username, password, ClientMetadata) {
    user = new CognitoUser({ Username: username, Pool: pool, Storage: storage });
    user.setAuthenticationFlowType("CUSTOM_AUTH");
    const details = new AuthenticationDetails({ Username: username, Password: password, ClientMetadata });
    return signIn((callbacks) =>
      password ? user.authenticateUser(details, callbacks) : user.initiateAuth(details, callbacks),
    );
  },
  answer(text, clientMetadata) {
    return signIn((callbacks) => {
      if (challenge === "NEW_PASSWORD_REQUIRED") user.completeNewPasswordChallenge(text, {}, callbacks);
      else if (challenge === "CUSTOM_CHALLENGE") user.sendCustomChallengeAnswer(text, callbacks, clientMetadata);
      else if (challenge === "MFA_SETUP") user.verifySoftwareToken(text, "app", callbacks);
      else user.sendMFACode(text, callbacks, challenge);
    });
  },
  setUpTotp: secret,
  verifyTotp: (code) => outcome((callbacks) => user.verifySoftwareToken(code, "app", callbacks)).then(() => null),
  preferTotp: () =>
    called((callback) => user.setUserMfaPreference(null, { Enabled: true, PreferredMfa: true }, callback)),
  changePassword: (before, after) => called((callback) => user.changePassword(before, after, callback)),
  devices: async () =>
    (await outcome((callbacks) => user.listDevices(60, null, callbacks))).Devices.map((device) => device.DeviceKey),
  remember: () => outcome((callbacks) => user.setDeviceStatusRemembered(callbacks)),
  forget: () => outcome((callbacks) => user.forgetDevice(callbacks)).then(() => null),
  claims: () => claims(accessToken()),
  idClaims: () => claims(idToken()),
  async refresh() {
    const before = accessToken();
    await called((callback) => user.refreshSession(user.getSignInUserSession().getRefreshToken(), callback));
    return { renewed: accessToken() !== before };
  },
  signOut: () => new Promise((resolve) => user.signOut(resolve)),
});
