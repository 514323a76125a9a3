import InterlockApprovals
import InterlockJSON
import InterlockModel

extension Command {
    static let approvalsList = Command(
        "approvals list", "list requests that wait for people",
        options: [
            .directory, .json,
            Option("--state STATE", "pending or approved (default: both)"),
            Option("--agent NAME", "of this agent alone"),
            Option("--tool SERVER.TOOL", "of this tool alone"),
        ],
        exits: [.unavailable]
    ) { invocation in
        let answer = try GatewayClient(try Deployment.open(invocation)).get("/v1/approvals")
        let requests = (answer["approvals"]?.array ?? []).filter { request in
            ["state", "agent", "tool"].allSatisfy { name in
                invocation[name].map { request[name]?.string == $0 } ?? true
            }
        }
        for request in requests {
            invocation.has("json")
                ? Output.json(request) : Output.line(ApprovalFormatter.line(request))
        }
        if requests.isEmpty, !invocation.has("json") { Output.line("nothing waits for people") }
        return .ok
    }

    static let approvalsShow = Command(
        "approvals show ID", "show one request: the exact call and its risk",
        options: [
            .directory, .json,
            Option("--raw", "print the canonical bytes of the review document"),
        ],
        exits: [.notFound, .unavailable]
    ) { invocation in
        let id = try approvalID(invocation)
        let client = GatewayClient(try Deployment.open(invocation))
        let request = try client.get("/v1/approvals/\(id.text)")
        if invocation.has("raw") {
            Output.bytes(try Review(request).document.bytes)
        } else if invocation.has("json") {
            Output.json(request)
        } else {
            Output.text(ApprovalFormatter.review(request))
        }
        return .ok
    }

    static let approvalsApprove = Command(
        "approvals approve ID", "release one exact call with your signature",
        options: [
            .directory, .person, .key, .json,
            Option("--digest SHA256", "the whole call digest, instead of typing its last 6 digits"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes:
            "Prints the review, asks for the last 6 hex digits of the call digest, signs, sends. Without a terminal it needs a key in ssh-agent."
    ) { try vote(.approve, $0) }

    static let approvalsDeny = Command(
        "approvals deny ID", "refuse one call; a single denial is enough",
        options: [.directory, .person, .key, .json, .reason],
        exits: [.no, .notFound, .unavailable, .notPermitted]
    ) { invocation in
        _ = try invocation.require("reason")
        return try vote(.deny, invocation)
    }

    static let approvalsRevoke = Command(
        "approvals revoke ID", "take back an approval that was not used yet",
        options: [.directory, .person, .key, .json, .reason],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes: "Whoever could vote on the request may take it back, whoever approved it."
    ) { invocation in
        _ = try invocation.require("reason")
        return try vote(.deny, invocation, whileItIs: "approved")
    }
}

/// The request that the first argument names, with or without `apr_`.
func approvalID(_ invocation: Invocation) throws(Failure) -> ApprovalID {
    let text = invocation.positional[0]
    guard let id = ApprovalID(text.hasPrefix("apr_") ? String(text.dropFirst(4)) : text) else {
        throw Failure(
            .notFound, "`\(text)` is no id of a request", help: "interlock approvals list")
    }
    return id
}
