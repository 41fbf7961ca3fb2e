// The AWS SDK for JavaScript v3, with the requests that cognito-srp-helper's README shows.
import * as sdk from "@aws-sdk/client-cognito-identity-provider";
import * as srp from "cognito-srp-helper";
import { claims, note, run } from "./program.mjs";

let cognito;
let ids;
let user;
let tokens;
const devices = new Map(); // by the name that the user gave; they survive a sign-out, as in an app's storage

const send = (command) => {
  note(command.constructor.name.replace(/Command$/, ""), command.input);
  return cognito.send(command);
};

const device = () => devices.get(user.name);

const parameters = (USERNAME) => ({
  USERNAME,
  ...(ids.clientSecret ? { SECRET_HASH: srp.createSecretHash(USERNAME, ids.clientId, ids.clientSecret) } : {}),
  ...(device() ? { DEVICE_KEY: device().key } : {}),
});

// As in the helper's own tests: a sign-in that is to bring a device goes on with USER_ID_FOR_SRP, one with a
// device with the name that the user gave.
const nameToGoOnWith = () => (device() ? user.name : user.idForSrp);

const respond = (ChallengeName, Session, extra = {}, session = user.session) =>
  send(
    new sdk.RespondToAuthChallengeCommand(
      srp.wrapAuthChallenge(session, {
        ClientId: ids.clientId,
        ChallengeName,
        ChallengeResponses: { ...parameters(nameToGoOnWith()), ...extra },
        Session,
      }),
    ),
  );

const proveDevice = async (response) => {
  const { groupKey, password } = device();
  const challenge = await respond("DEVICE_SRP_AUTH", response.Session);
  const signed = srp.signSrpSessionWithDevice(user.session, challenge, groupKey, password);
  return respond("DEVICE_PASSWORD_VERIFIER", challenge.Session, {}, signed);
};

const goOn = async (response) => {
  if (response.ChallengeName === "DEVICE_SRP_AUTH") response = await proveDevice(response);
  if (response.ChallengeName) {
    user.challenge = response;
    return { next: response.ChallengeName };
  }
  tokens = response.AuthenticationResult;
  return { next: null, askUser: await confirmDevice(tokens) };
};

const confirmDevice = async ({ AccessToken, NewDeviceMetadata }) => {
  if (!NewDeviceMetadata) return false;
  const { DeviceKey, DeviceGroupKey } = NewDeviceMetadata;
  const { DeviceSecretVerifierConfig, DeviceRandomPassword } = srp.createDeviceVerifier(DeviceKey, DeviceGroupKey);
  const { UserConfirmationNecessary } = await send(
    new sdk.ConfirmDeviceCommand({
      AccessToken,
      DeviceKey,
      DeviceName: "example-friendly-name",
      DeviceSecretVerifierConfig,
    }),
  );
  devices.set(user.name, { key: DeviceKey, groupKey: DeviceGroupKey, password: DeviceRandomPassword });
  return UserConfirmationNecessary;
};

await run({
  configure({ endpoint, region, ...others }) {
    ids = others;
    const credentials = { accessKeyId: "testing", secretAccessKey: "testing" };
    cognito = new sdk.CognitoIdentityProviderClient({ endpoint, region, credentials, maxAttempts: 1 });
  },
  async signIn(name, password) {
    user = { name };
    const session = srp.createSrpSession(name, password, ids.userPoolId, false);
    const challenge = await send(
      new sdk.InitiateAuthCommand(
        srp.wrapInitiateAuth(session, {
          ClientId: ids.clientId,
          AuthFlow: "USER_SRP_AUTH",
          AuthParameters: { CHALLENGE_NAME: "SRP_A", ...parameters(name) },
        }),
      ),
    );
    user.idForSrp = challenge.ChallengeParameters.USER_ID_FOR_SRP;
    user.session = srp.signSrpSession(session, challenge);
    return goOn(await respond("PASSWORD_VERIFIER", challenge.Session));
  },
  async signInByChoice(name, PASSWORD, PREFERRED_CHALLENGE) {
    user = { name, session: srp.createSrpSession(name, PASSWORD ?? "", ids.userPoolId, false) };
    const challenge = await send(
      new sdk.InitiateAuthCommand({
        ClientId: ids.clientId,
        AuthFlow: "USER_AUTH",
        AuthParameters: {
          ...parameters(name),
          ...(PREFERRED_CHALLENGE ? { PREFERRED_CHALLENGE } : {}),
          ...(PREFERRED_CHALLENGE === "PASSWORD" ? { PASSWORD } : {}),
        },
      }),
    );
    user.idForSrp = challenge.ChallengeParameters?.USER_ID_FOR_SRP;
    return { ...(await goOn(challenge)), availableChallenges: challenge.AvailableChallenges };
  },
  async answer(text) {
    const { ChallengeName, Session } = user.challenge;
    const members = { NEW_PASSWORD_REQUIRED: "NEW_PASSWORD", SELECT_CHALLENGE: "ANSWER" };
    const member = members[ChallengeName] ?? `${ChallengeName}_CODE`;
    return goOn(await respond(ChallengeName, Session, { [member]: text }));
  },
  setUpTotp: async () =>
    (await send(new sdk.AssociateSoftwareTokenCommand({ AccessToken: tokens.AccessToken }))).SecretCode,
  async verifyTotp(UserCode) {
    await send(new sdk.VerifySoftwareTokenCommand({ AccessToken: tokens.AccessToken, UserCode }));
  },
  async preferTotp() {
    const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: true };
    await send(
      new sdk.SetUserMFAPreferenceCommand({ AccessToken: tokens.AccessToken, SoftwareTokenMfaSettings }),
    );
  },
  async changePassword(PreviousPassword, ProposedPassword) {
    const { AccessToken } = tokens;
    await send(new sdk.ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
  },
  devices: async () =>
    (await send(new sdk.ListDevicesCommand({ AccessToken: tokens.AccessToken }))).Devices.map((d) => d.DeviceKey),
  async remember() {
    await send(
      new sdk.UpdateDeviceStatusCommand({
        AccessToken: tokens.AccessToken,
        DeviceKey: device().key,
        DeviceRememberedStatus: "remembered",
      }),
    );
  },
  async forget() {
    await send(new sdk.ForgetDeviceCommand({ AccessToken: tokens.AccessToken, DeviceKey: device().key }));
    devices.delete(user.name);
  },
  claims: () => claims(tokens.AccessToken),
  async refresh() {
    const { AuthenticationResult } = await send(
      new sdk.InitiateAuthCommand({
        ClientId: ids.clientId,
        AuthFlow: "REFRESH_TOKEN_AUTH",
        AuthParameters: { ...parameters(user.idForSrp), REFRESH_TOKEN: tokens.RefreshToken },
      }),
    );
    const renewed = AuthenticationResult.AccessToken !== tokens.AccessToken;
    tokens = { ...tokens, ...AuthenticationResult };
    return { renewed };
  },
  async signOut() {
    await send(
      new sdk.RevokeTokenCommand({
        ClientId: ids.clientId,
        ClientSecret: ids.clientSecret,
        Token: tokens.RefreshToken,
      }),
    );
  },
});
