"""The scenarios of the official suite (modelcontextprotocol/conformance 0.2.0-alpha.11, requirements/*.yaml), each with
the tests of this project that cover it, or with the reason why there are no such tests.

A test is `FILE::FUNCTION` of this folder, or `FILE: SENTENCE` of a test in Swift under `Tests`.
"""

LEGACY, MODERN = "test_conformance_legacy.py", "test_conformance_modern.py"
METADATA = "MCPTests/Authorization/MetadataTests.swift"
HTTP, ERA = "TransportTests/HTTPUpstreamTests.swift", "TransportTests/ModernHTTPTests.swift"


class NotYet(str):
    """The reason why a scenario has no test."""


SUBSCRIBING = ["test_subscriptions.py::test_resources_subscribe_and_unsubscribe"]
CODE = "test_signing_in.py"
ASKED = [f"{CODE}::test_what_people_are_asked_for"]
TASKS = NotYet("tasks are not offered")


def legacy(*names: str) -> list[str]:
    return [f"{LEGACY}::test_{name}" for name in names]


def modern(*names: str) -> list[str]:
    return [f"{MODERN}::test_{name}" for name in names]


def offers(*names: str) -> list[str]:
    return [f"test_offers.py::test_{name}" for name in names]


SERVER_2025_11_25 = {
    "server-initialize": legacy("initialize"),
    "logging-set-level": legacy("a_level_for_log_messages"),
    "ping": legacy("ping"),
    "completion-complete": offers("completion_complete"),
    "tools-list": legacy("tools_list"),
    "tools-call-simple-text": legacy("text", "a_call_without_arguments"),
    "tools-call-image": legacy("image"),
    "tools-call-audio": legacy("audio"),
    "tools-call-embedded-resource": legacy("embedded_resource"),
    "tools-call-mixed-content": legacy("mixed_content"),
    "tools-call-with-logging": legacy("log_messages_of_a_call"),
    "tools-call-error": legacy("error"),
    "tools-call-with-progress": legacy("progress", "no_progress_without_a_token"),
    "tools-call-sampling": legacy("sampling"),
    "tools-call-elicitation": legacy("elicitation", "a_person_who_says_no"),
    "elicitation-sep1034-defaults": legacy("defaults_of_a_form"),
    "server-sse-multiple-streams": legacy("three_calls_at_once_have_a_stream_each"),
    "elicitation-sep1330-enums": legacy("choices_of_a_form"),
    "resources-list": offers("resources_list"),
    "resources-read-text": offers("resources_read_text"),
    "resources-read-binary": offers("resources_read_binary"),
    "resources-templates-read": offers("resources_templates_read"),
    "resources-subscribe": SUBSCRIBING,
    "resources-unsubscribe": SUBSCRIBING,
    "prompts-list": offers("prompts_list"),
    "prompts-get-simple": offers("prompts_get_simple"),
    "prompts-get-with-args": offers("prompts_get_with_args"),
    "prompts-get-embedded-resource": offers("prompts_get_embedded_resource"),
    "prompts-get-with-image": offers("prompts_get_with_image"),
    "dns-rebinding-protection": legacy("dns_rebinding"),
}

SERVER_2026_07_28 = {
    "server-stateless": modern(
        "a_request_without_its_meta_is_refused", "who_the_client_is_need_not_be_said", "discover",
        "capabilities_are_those_that_are_served", "a_version_that_is_not_spoken",
        "a_version_that_is_not_the_header_s", "a_capability_that_was_not_declared",
        "methods_that_the_era_does_not_have", "a_stream_has_no_requests", "nothing_is_logged_that_was_not_asked_for",
        "what_is_logged_is_told_who_asked") + ["test_changes.py::test_server_stateless_subscriptions"],
    "completion-complete": offers("completion_complete"),
    "tools-list": modern("tools_list"),
    "tools-call-simple-text": modern("content"),
    "tools-call-image": modern("content"),
    "tools-call-audio": modern("content"),
    "tools-call-embedded-resource": modern("content"),
    "tools-call-mixed-content": modern("content"),
    "tools-call-error": modern("error"),
    "tools-call-with-progress": modern("progress"),
    "server-sse-multiple-streams": modern("three_calls_at_once_have_a_stream_each"),
    "resources-list": offers("resources_list"),
    "resources-read-text": offers("resources_read_text"),
    "resources-read-binary": offers("resources_read_binary"),
    "resources-templates-read": offers("resources_templates_read"),
    "sep-2164-resource-not-found": offers("sep_2164_resource_not_found"),
    "prompts-list": offers("prompts_list"),
    "prompts-get-simple": offers("prompts_get_simple"),
    "prompts-get-with-args": offers("prompts_get_with_args"),
    "prompts-get-embedded-resource": offers("prompts_get_embedded_resource"),
    "prompts-get-with-image": offers("prompts_get_with_image"),
    "dns-rebinding-protection": modern("dns_rebinding"),
    "caching": modern("how_long_an_answer_holds_and_for_whom"),
    "input-required-result-basic-elicitation": modern("input_elicitation"),
    "input-required-result-basic-sampling": modern("input_sampling"),
    "input-required-result-basic-list-roots": modern("input_roots"),
    "input-required-result-request-state": modern("input_state"),
    "input-required-result-multiple-input-requests": modern("input_several"),
    "input-required-result-multi-round": modern("input_rounds"),
    "input-required-result-missing-input-response": modern("input_that_is_missing_is_asked_for_again"),
    "input-required-result-non-tool-request": offers("input_required_result_non_tool_request"),
    "input-required-result-result-type": modern("input_elicitation"),
    "input-required-result-unsupported-methods": modern("input_is_not_asked_for_by_lists"),
    "input-required-result-tampered-state": modern("input_state_that_was_changed"),
    "input-required-result-capability-check": modern("input_is_asked_for_only_as_declared"),
    "input-required-result-ignore-extra-params": modern("input_that_nobody_asked_for_is_let_go"),
    "input-required-result-validate-input": modern("input_of_another_form"),
}

# OAuth, with the gateway as the client of an upstream.
TOKENS = "test_upstream_tokens.py"
ISSUERS = "test_upstream_issuers.py"
PLACES = [f"{TOKENS}::test_the_issuer_is_found_at_each_known_place_in_order"]
PROOFS = [f"{TOKENS}::test_each_way_of_proving_oneself"]
STEPS = [f"{TOKENS}::test_more_scopes_are_asked_for_as_a_union_and_twice_at_most"]

AUTHORIZATION = {
    "metadata-default": PLACES, "metadata-var1": PLACES, "metadata-var2": PLACES, "metadata-var3": PLACES,
    "basic-cimd": [f"{CODE}::test_a_client_by_its_document"],
    "scope-from-www-authenticate": STEPS, "scope-from-scopes-supported": ASKED,
    "scope-omitted-when-undefined": ASKED, "scope-step-up": STEPS, "scope-retry-limit": STEPS,
    "token-endpoint-auth-basic": PROOFS, "token-endpoint-auth-post": PROOFS,
    "token-endpoint-auth-none": [f"{CODE}::test_signing_in_refreshing_and_signing_out"],
    "pre-registration": PROOFS}
AUTHORIZATION_2026 = {
    "resource-mismatch": [f"{METADATA}: a server's document is of the server, or of what it lies in"],
    "offline-access-scope": ASKED, "offline-access-not-supported": ASKED,
    "authorization-server-migration": [f"{ISSUERS}::test_another_issuer_blocks_the_server_and_raises_an_alarm"],
    **{f"iss-{name}": [f"{CODE}::test_the_issuer_in_the_answer"] for name in
       ("supported", "not-advertised", "supported-missing", "wrong-issuer", "unexpected", "normalized")},
    "metadata-issuer-mismatch": [f"{ISSUERS}::test_what_an_issuer_may_not_say_of_itself"]}

CLIENT_2025_11_25 = {
    "initialize": [f"{HTTP}: a call is answered, in a session of its agent"],
    "tools_call": [f"{HTTP}: a call is answered, in a session of its agent", "test_matrix.py::test_call"],
    "elicitation-sep1034-client-defaults": [f"{LEGACY}::test_defaults_of_a_form", "test_matrix.py::test_being_asked"],
    "sse-retry": ["test_resumption.py::test_a_server_that_closes_its_stream_is_come_back_to",
                  "TransportTests/InterruptionTests.swift: it goes on where it was, and the call is sent once"],
    **{f"auth/{name}": found for name, found in AUTHORIZATION.items()},
}

CLIENT_2026_07_28 = {
    "tools_call": [f"{ERA}: each request says its version, its sender and its capabilities, in no session",
                   "test_matrix.py::test_call"],
    "request-metadata": [f"{ERA}: each request says its version, its sender and its capabilities, in no session"],
    "sep-2322-client-request-state": [
        f"{ERA}: what the server wants to know is asked, and the call goes on with a new id"],
    "http-standard-headers": [f"{ERA}: each request says its version, its sender and its capabilities, in no session"],
    "http-custom-headers": [f"{ERA}: arguments are repeated in the headers that the tool declares"],
    "http-invalid-tool-headers": ["MCPTests/ToolTests.swift: a broken definition is refused with the reason"],
    "json-schema-ref-no-deref": [
        "MCPTests/CompiledSchemaTests.swift: a schema with a fault is refused with its place"],
    **{f"auth/{name}": found for name, found in {**AUTHORIZATION, **AUTHORIZATION_2026}.items()},
}

# docs/specs/mcp.md, section 10: the limits, and the order in which faults are reported, pair by pair.
SESSIONS = "MCPTests/SessionTableTests.swift"
EVENTS = "MCPTests/EventLogTests.swift"
LIMITS = {
    "request body": ["test_bad_input.py::test_a_body_of_5_mib",
                     "test_bad_input.py::test_a_chunked_body_of_5_mib_without_a_length"],
    "upstream response": [f"{HTTP}: an answer of 10 MiB arrives, one of 17 MiB does not"],
    "event of an upstream": ["MCPTests/SSETests.swift: an event above the limit is refused, also without a line's end"],
    "depth of JSON": ["test_bad_input.py::test_json_200_deep"],
    "headers": ["TransportTests/RequestParserTests.swift: heads and bodies at the limits are read",
                "TransportTests/RequestParserTests.swift: a request that breaks the rules is refused with its status"],
    "line on stdio": ["TransportTests/StdioUpstreamTests.swift: a line above the limit kills the child"],
    "sessions": [f"{SESSIONS}: the 33rd session ends the owner's oldest idle one, or finds no room",
                 f"{SESSIONS}: a session ends after half an hour without use, not before and not at work"],
    "session id": legacy("a_session_s_id_cannot_be_guessed"),
    "comments on event streams": [
        "TransportTests/HTTPServerTests+Events.swift: an event stream has its head, its events, comments, and an end"],
    "time of an upstream call": [
        "TransportTests/HTTPClientTests.swift: silence ends at the idle limit, a trickle at the hard one"],
    "resumption buffer": [f"{EVENTS}: whatever happens, the bounds hold and nothing that is needed is left out unsaid",
                          f"{EVENTS}: a stream keeps 1 MiB, the newest of it, for five minutes"],
    "rounds of questions": ["GatewayTests/ModernInputTests.swift: the eleventh round ends the call"],
    "order of rejection, legacy": ["GatewayTests/RejectionOrderTests.swift: the earlier of two faults answers"],
    "order of rejection, modern": ["GatewayTests/ModernRejectionTests.swift: the earlier of two faults answers"],
}

# Scenarios that the suite runs without counting them.
UNSCORED = {
    "auth/client-credentials-jwt": PROOFS,
    "auth/client-credentials-basic": PROOFS,
    "auth/enterprise-managed-authorization": NotYet("tokens of an enterprise's own issuer are not asked for"),
    **{f"auth/{name}": NotYet("not in the first release (specs of MCP, section 18)") for name in
       ("dpop", "dpop-nonce", "wif-jwt-bearer")},
    **{f"tasks-{name}": TASKS for name in (
        "lifecycle", "capability-negotiation", "wire-fields", "request-state-removal", "mrtr-input", "request-headers",
        "dispatch-and-envelope", "status-notifications", "required-task-error", "mrtr-composition")},
    "server-session-lifecycle": legacy("a_session_ends_by_delete"),
    "json-schema-2020-12": modern("a_schema_of_2020_12_comes_through_whole"),
    "json-schema-2020-12-preservation": modern("a_schema_of_2020_12_comes_through_whole"),
    "http-header-validation": modern("headers_that_are_not_the_body_s", "headers_in_another_case_and_with_space_around"),
    "http-custom-header-server-validation": modern("headers_that_repeat_an_argument"),
    "sep-2350-server-scope-challenge": ["test_issuers.py::test_a_missing_scope_is_a_challenge_and_the_next_token_passes"],
}
