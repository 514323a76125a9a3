import InterlockApprovals
package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
package import InterlockModel

extension Command {
    package static let approvalsList = Command(
        "approvals list", "list requests that wait for people",
        example: "interlock approvals list",
        options: [
            .directory, .json,
            Option("--state STATE", "pending or approved (default: both)"),
            Option("--agent NAME", "of this agent alone"),
            Option("--tool SERVER.TOOL", "of this tool alone"),
        ],
        exits: [.unavailable]
    ) { invocation in
        invocation.print(
            table: try invocation.approvals(of: invocation.gateway()), ApprovalFormatter.columns,
            nothing: "nothing waits for people")
    }

    package static let approvalsShow = Command(
        "approvals show ID", "show one request: the exact call and its risk",
        example: "interlock approvals show apr_01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [
            .directory, .json, Option("--raw", "print the canonical bytes of the review document"),
        ],
        exits: [.notFound, .unavailable]
    ) { invocation in
        let id = try approvalID(invocation)
        let request = try invocation.gateway().get("/v1/approvals/\(id.text)")
        guard !invocation.has("raw") else {
            Output.bytes(try Review(request).document.bytes)
            return .ok
        }
        return invocation.print(request, ApprovalFormatter.review(request))
    }

    package static let approvalsApprove = Command(
        "approvals approve ID", "release one exact call with your signature",
        example: "interlock approvals approve apr_01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example",
        options: [
            .directory, .person, .key, .json,
            Option("--digest SHA256", "the whole call digest, instead of typing its last 6 digits"),
        ],
        exits: .ofOrders,
        notes:
            "Prints the review, asks for the last 6 hex digits of the call digest, signs, sends. Without a terminal it needs a key in ssh-agent."
    ) { try vote(.approve, $0) }

    package static let approvalsDeny = Command(
        "approvals deny ID", "refuse one call; a single denial is enough",
        example:
            "interlock approvals deny apr_01kag0q9m2c4e6g8j0k2n4p6r8 --reason 'This order was refunded already' --as ada@acme.example",
        options: [.directory, .person, .key, .json, .reason.required],
        exits: [.no, .notFound, .unavailable, .notPermitted]
    ) { try vote(.deny, $0) }

    package static let approvalsRevoke = Command(
        "approvals revoke ID", "take back an approval that was not used yet",
        example:
            "interlock approvals revoke apr_01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example --reason 'The order was cancelled'",
        options: [.directory, .person, .key, .json, .reason.required],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes:
            "Anyone who may vote on the request may take it back, even if another person approved it."
    ) { try vote(.deny, $0, whileItIs: "approved") }

    package static let approvalsBreakGlass = Command(
        "approvals break-glass ID",
        "let one person decide a call that asks for several, and answer for it",
        example:
            "interlock approvals break-glass apr_01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example --reason 'Outage, the others are asleep' --ticket INC-4711",
        options: [
            .directory, .person, .key, .reason.required, .json,
            Option("--ticket TEXT", "where it is tracked").required,
        ],
        exits: .ofOrders,
        notes: """
            Needs the role break_glass. The request is shown anew and asks for one person; nothing else \
            that the policy says is lifted. Everybody concerned is told, and another person has to review \
            it within 24 hours (`interlock approvals review ID`): else the role is suspended.
            """
    ) { invocation in
        let id = try approvalID(invocation)
        let shown = try invocation.gateway().get("/v1/approvals/\(id.text)")
        let review = try Review(shown)
        if !invocation.isJSON { Output.line(ApprovalFormatter.review(shown)) }
        let action = BreakGlassOrder.Action.lower(
            revision: review.document.revision, ticket: try invocation.require("ticket"))
        let answer = try invocation.order(
            BreakGlassContent(request: id, action: action),
            to: "/v1/approvals/\(id.text)/break-glass")
        let revision = "(revision \(answer.number("revision")))"
        return invocation.print(
            answer, "\(id.shown) asks for one person now \(revision); review it within 24 hours")
    }

    package static let approvalsReview = Command(
        "approvals review ID", "sign the review of another person's break-glass use",
        example:
            "interlock approvals review apr_01kag0q9m2c4e6g8j0k2n4p6r8 --as bo@acme.example --reason 'Right, the outage was real'",
        options: [.directory, .person, .key, .reason.required, .json],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes:
            "Needs the role security or break_glass, and a person other than the one who used it. --reason says what you found."
    ) { invocation in
        let id = try approvalID(invocation)
        let answer = try invocation.order(
            BreakGlassContent(request: id, action: .review), to: "/v1/approvals/\(id.text)/review")
        return invocation.print(answer, "\(id.shown) is reviewed")
    }
}

/// The request that the first argument names, with or without `apr_`.
package func approvalID(_ invocation: Invocation) throws(Failure) -> ApprovalID {
    try approvalID(of: invocation.positional[0])
}

func approvalID(of text: String) throws(Failure) -> ApprovalID {
    try Invocation.parsed(text, "no id of a request", help: "interlock approvals list") { text in
        ApprovalID(text.hasPrefix("apr_") ? String(text.dropFirst(4)) : text)
    }
}
