// Reads {messages: [{secret, body, headers}…]} and answers for each what the official Standard Webhooks library
// makes of it: {accepted, said}, with the message's own content or the library's refusal.
import { readFileSync } from "node:fs";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const { messages } = JSON.parse(readFileSync(0, "utf8"));
const verdicts = messages.map(({ secret, body, headers }) => {
  try {
    return { accepted: true, said: new Webhook(secret).verify(body, headers) };
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return { accepted: false, said: error.message };
  }
});
process.stdout.write(JSON.stringify(verdicts));
