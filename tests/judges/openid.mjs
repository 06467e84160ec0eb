// Reads {issuer, client_id, redirect_uri, staff: {username, password, one_time_code}} and, knowing nothing else
// of the provider but its issuer, signs a citizen in, exchanges the token to act for the first company that is
// offered, and signs staff in. The browser is played by fetch: it keeps cookies, follows redirects, fills one form.
import { readFileSync } from "node:fs";
import * as oidc from "openid-client";

const asked = JSON.parse(readFileSync(0, "utf8"));
const config = await oidc.discovery(new URL(asked.issuer), asked.client_id, undefined, oidc.None(), {
  execute: [oidc.allowInsecureRequests], // the test's issuer listens on the loopback address
});

const cookies = new Map();

async function visit(url, form) {
  const answer = await fetch(url, {
    method: form ? "POST" : "GET",
    body: form,
    redirect: "manual",
    headers: { cookie: [...cookies].map((pair) => pair.join("=")).join("; ") },
  });
  for (const line of answer.headers.getSetCookie()) {
    const [pair] = line.split(";");
    cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
  }
  return answer;
}

async function browse(start) {
  let url = start, form;
  for (let step = 0; step < 10; step += 1) {
    const answer = await visit(url, form);
    form = undefined;
    if (answer.headers.has("location")) {
      url = new URL(answer.headers.get("location"), url);
      if (url.href.startsWith(asked.redirect_uri)) return url;
      continue;
    }
    const page = await answer.text();
    const action = page.match(/<form method="post" action="([^"]+)"/);
    if (answer.status !== 200 || !action) throw new Error(`${answer.status} at ${url.pathname}`);
    form = new URLSearchParams(asked.staff);
    for (const [, name, value] of page.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)) form.set(name, value);
    url = new URL(action[1], url);
  }
  throw new Error("the sign-in does not come to an end");
}

async function signIn(scope) {
  const verifier = oidc.randomPKCECodeVerifier(), state = oidc.randomState(), nonce = oidc.randomNonce();
  const start = oidc.buildAuthorizationUrl(config, {
    redirect_uri: asked.redirect_uri,
    scope,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  return oidc.authorizationCodeGrant(config, await browse(start), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
}

const decoded = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

const citizen = await signIn("openid profile dossier.file");
const userinfo = await oidc.fetchUserInfo(config, citizen.access_token, citizen.claims().sub);
const list = await oidc.fetchProtectedResource(
  config, citizen.access_token, new URL("/v1/me/acting-for", asked.issuer), "GET",
);
const [company] = (await list.json()).items;
const exchanged = await oidc.genericGrantRequest(config, "urn:ietf:params:oauth:grant-type:token-exchange", {
  subject_token: citizen.access_token,
  subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
  requested_subject: company.id,
});
const staff = await signIn("openid profile judicial.work");
const staffInfo = await oidc.fetchUserInfo(config, staff.access_token, staff.claims().sub);
await oidc.tokenRevocation(config, staff.access_token);

process.stdout.write(
  JSON.stringify({
    citizen: { id: citizen.claims(), userinfo, scope: citizen.scope },
    company: { listed: company, access: decoded(exchanged.access_token), expires_in: exchanged.expires_in },
    staff: { id: staff.claims(), userinfo: staffInfo, access: decoded(staff.access_token), scope: staff.scope },
  }),
);
