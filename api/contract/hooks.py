"""Who calls: a person who has signed in, a stranger, or somebody with a token that means nothing."""

import itertools
import os
import uuid

import requests
import schemathesis
from hypothesis import strategies

ORIGIN = os.environ["FUZZ_ORIGIN"]
CALLER = os.environ["FUZZ_CALLER"]
PASSWORD = "plover quartz lantern 47"

# What ends the caller's own session or account. These operations have an account each, so that the others keep theirs;
# an account that is gone is replaced by the next.
ENDS_ACCESS = {"delete_me", "change_password", "logout_all", "revoke_session"}

# A format that the generator knows: for headers of any other it makes letters and digits alone.
schemathesis.openapi.format("entity-tags", strategies.from_regex(r'(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)', fullmatch=True))

addresses = (f"fuzz{number}@example.com" for number in itertools.count())


def operation_id(operation):
    return operation.definition.raw.get("operationId", "")


def account_of(_case, context):
    name = operation_id(context.operation)
    return name if name in ENDS_ACCESS else "everything else"


if CALLER == "person":

    @schemathesis.auth(refresh_interval=300, cache_by_key=account_of)
    class Person:
        """Signed in to an account of its own; signs up anew where that has ended."""

        def get(self, _case, _context):
            body = {"email": next(addresses), "password": PASSWORD, "transport": "body"}
            answer = requests.post(f"{ORIGIN}/api/v1/auth/register", json=body, timeout=15)
            answer.raise_for_status()
            return answer.json()["access_token"]

        def set(self, case, data, _context):
            case.headers["Authorization"] = f"Bearer {data}"

    @schemathesis.hook
    def before_call(_context, case, _kwargs):
        """Two things that a schema cannot say. A key names one request: under the same one, what was made before and is gone
        by now would be said to be made. And a cursor is good where it was given out."""
        if case.headers and "Idempotency-Key" in case.headers and case.meta and case.meta.generation.mode.is_positive:
            case.headers["Idempotency-Key"] = str(uuid.uuid4())
        if case.query and "cursor" in case.query and case.meta and case.meta.generation.mode.is_positive:
            case.query.pop("cursor")
            query = {**case.query, "limit": 1}
            answer = requests.get(f"{ORIGIN}{case.formatted_path}", query, headers=case.headers, timeout=15)
            if answer.ok and answer.json().get("next_cursor"):
                case.query["cursor"] = answer.json()["next_cursor"]

else:

    @schemathesis.hook
    def before_call(_context, case, _kwargs):
        case.headers.pop("Authorization", None)
        if CALLER == "nonsense":
            case.headers["Authorization"] = "Bearer eyJhbGciOiJub25lIn0.e30."

    @schemathesis.check
    def only_401_without_a_token(_context, response, case):
        """Where a token is needed, nothing else is said before there is one."""
        raw = case.operation.definition.raw
        if {} in raw["security"] or case.method.upper() != case.operation.method.upper():
            return
        assert response.status_code == 401, f"{response.status_code} for a caller without a token"
