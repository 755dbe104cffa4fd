"""An office's sign-in (OpenID provider) that says what a test wants it to say."""

import json
import threading
from base64 import urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "intranet"


class Provider(ThreadingHTTPServer):
    """Answers on a port of its own; `claims` and `token` change what it says."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.key = rsa.generate_private_key(65537, 2048)
        self.signs_with = self.key
        self.claims = {"sub": "1", "email": "giang@example.vn", "email_verified": True}
        self.token = {}
        self.asked = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def settings(self):
        base = f"http://127.0.0.1:{self.server_port}"
        return {
            "OIDC_RP_CLIENT_ID": CLIENT,
            "OIDC_RP_CLIENT_SECRET": "x" * 40,
            "OIDC_OP_AUTHORIZATION_ENDPOINT": f"{base}/ask",
            "OIDC_OP_TOKEN_ENDPOINT": f"{base}/token",
            "OIDC_OP_USER_ENDPOINT": f"{base}/user",
            "OIDC_OP_JWKS_ENDPOINT": f"{base}/keys",
            "OIDC_RP_SIGN_ALGO": "RS256",
            "OIDC_USE_PKCE": True,
            "OIDC_CREATE_USER": False,
            "ROOT_URLCONF": "tests.accounts.provider_urls",
        }

    def public_key(self):
        key = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**key, "kid": "1", "alg": "RS256", "use": "sig"}

    def id_token(self):
        says = {
            "sub": "1",
            "aud": CLIENT,
            "exp": time() + 60,
            "nonce": self.asked["nonce"],
            **self.token,
        }
        return jwt.encode(says, self.signs_with, "RS256", headers={"kid": "1"})


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *args):
        pass

    def answer(self, data, status=200):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/keys":
            self.answer({"keys": [self.server.public_key()]})
        else:
            self.answer(self.server.claims)

    def do_POST(self):
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = sha256(sent["code_verifier"][0].encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != self.server.asked["code_challenge"]:
            self.answer({"error": "invalid_grant"}, 400)
            return
        self.answer({"access_token": "a", "id_token": self.server.id_token()})
