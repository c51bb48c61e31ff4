"""The Python SDK of the Model Context Protocol signs in by itself, in both eras, against the server at BASE_URL."""

import asyncio
import itertools
import os
import re
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

BASE = os.environ["BASE_URL"]
CALLBACK = "http://127.0.0.1:33418/callback"
COUNT = itertools.count()


class Storage:
    """Where the SDK keeps what it is given."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Person:
    """Somebody with an account, and the browser a program sends to the consent page."""

    def __init__(self, http):
        self.http, self.back, self.asked = http, None, 0

    async def sign_up(self):
        email = f"pia-{os.getpid()}-{next(COUNT)}@example.org"
        wish = {"name": "Pia", "email": email, "password": "correct horse battery"}
        answer = await self.http.post("/api/auth/sign-up/email", json=wish)
        assert answer.status_code == 200, answer.text

    async def opens(self, address):
        self.asked += 1
        page = await self.http.get(address)
        assert page.status_code == 200, (page.status_code, page.headers.get("location"))
        request = re.search(r'name="request" value="([^"]+)"', page.text).group(1)
        answered = await self.http.post("/oauth/consent", data={"request": request, "decision": "allow"})
        assert answered.status_code == 303, answered.text
        self.back = parse_qs(urlsplit(answered.headers["location"]).query)

    async def comes_back(self):
        told = {name: values[0] for name, values in self.back.items()}
        return AuthorizationCodeResult(code=told["code"], state=told["state"], iss=told["iss"])


async def goes(mode):
    async with httpx2.AsyncClient(base_url=BASE, headers={"origin": BASE}, trust_env=False) as browser:
        pia = Person(browser)
        await pia.sign_up()
        storage = Storage()

        def signing_in():
            metadata = OAuthClientMetadata(client_name="Python", redirect_uris=[CALLBACK])
            return OAuthClientProvider(f"{BASE}/mcp", metadata, storage, pia.opens, pia.comes_back)

        async with httpx2.AsyncClient(auth=signing_in(), trust_env=False) as http:
            async with Client(streamable_http_client(f"{BASE}/mcp", http_client=http), mode=mode) as client:
                tools = (await client.list_tools()).tools
                assert any(tool.name == "add_task" for tool in tools)
                made = await client.call_tool("add_task", {"title": "From Python"})
                listed = await client.call_tool("list_tasks", {})
                assert listed.structured_content["count"] == 1, listed
                undone = await client.call_tool("undo", {"operation": made.structured_content["seq"]})
                assert undone.structured_content["status"] == "undone", undone
        assert pia.asked == 1

        # Another day: the token has ended, and is refreshed without the person.
        before = storage.tokens
        storage.tokens = before.model_copy(update={"access_token": before.access_token + "x", "expires_in": -1})
        provider = signing_in()
        await provider._initialize()
        provider.context.update_token_expiry(storage.tokens)
        async with httpx2.AsyncClient(auth=provider, trust_env=False) as http:
            async with Client(streamable_http_client(f"{BASE}/mcp", http_client=http), mode=mode) as client:
                assert (await client.call_tool("list_tasks", {})).structured_content["count"] == 0
        assert pia.asked == 1 and storage.tokens.refresh_token != before.refresh_token
    print(f"{mode}: ok")


async def main():
    for mode in ["legacy", "auto", "2026-07-28"]:
        await goes(mode)


asyncio.run(main())
