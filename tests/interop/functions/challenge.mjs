// A sum to work out, behind the password if the sign-in began with one. Three wrong answers end it.
import { randomInt } from "node:crypto";
import { recorded } from "./recorded.mjs";

const TRIES = 3;

const next = (session) => {
  if (session.length === 1 && session[0].challengeName === "SRP_A") return { challengeName: "PASSWORD_VERIFIER" };
  const answers = session.filter(({ challengeName }) => challengeName === "CUSTOM_CHALLENGE");
  if (answers.at(-1)?.challengeResult) return { issueTokens: true };
  if (answers.length >= TRIES) return { failAuthentication: true };
  return { challengeName: "CUSTOM_CHALLENGE" };
};

export const define = recorded((event) => {
  event.response = { issueTokens: false, failAuthentication: false, ...next(event.request.session) };
  return event;
});

// After a wrong answer the sum stays the same: the session's last entry tells what it was.
export const create = recorded((event) => {
  const question = event.request.session.at(-1)?.challengeMetadata ?? `${randomInt(10_000)} + ${randomInt(10_000)}`;
  const [one, other] = question.split(" + ").map(Number);
  event.response = {
    publicChallengeParameters: { question },
    privateChallengeParameters: { answer: String(one + other) },
    challengeMetadata: question,
  };
  return event;
});

export const verify = recorded((event) => {
  const { challengeAnswer, privateChallengeParameters } = event.request;
  event.response.answerCorrect = challengeAnswer === privateChallengeParameters.answer;
  return event;
});
