import InterlockApprovals
import InterlockJSON
import InterlockModel

extension Command {
    static let approvalsBreakGlass = Command(
        "approvals break-glass ID",
        "let one person decide a call that asks for several, and answer for it",
        options: [
            .directory, .person, .key, .reason, .json,
            Option("--ticket TEXT", "where it is tracked"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: """
            Needs the role break_glass. The request is shown anew and asks for one person; nothing else \
            that the policy says is lifted. Everybody concerned is told, and another person has to review \
            it within 24 hours (`interlock approvals review ID`): else the role is suspended.
            """
    ) { invocation in
        let id = try approvalID(invocation)
        let client = GatewayClient(try Deployment.open(invocation))
        let shown = try client.get("/v1/approvals/\(id.text)")
        let review = try Review(shown)
        if !invocation.has("json") { Output.text(ApprovalFormatter.review(shown)) }
        let answer = try order(
            .lower(revision: review.document.revision, ticket: try invocation.require("ticket")),
            "break-glass", id, invocation)
        let revision = answer["revision"]?.integer ?? 0
        invocation.has("json")
            ? Output.json(answer)
            : Output.line(
                "\(id.shown) asks for one person now (revision \(revision)); review it within 24 hours"
            )
        return .ok
    }

    static let approvalsReview = Command(
        "approvals review ID", "sign that you have looked at another person's use of break-glass",
        options: [.directory, .person, .key, .reason, .json],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes:
            "Needs the role security or break_glass, and somebody else than who used it. --reason says what you found."
    ) { invocation in
        let id = try approvalID(invocation)
        let answer = try order(.review, "review", id, invocation)
        invocation.has("json") ? Output.json(answer) : Output.line("\(id.shown) is reviewed")
        return .ok
    }
}

/// Signs the order and sends it.
private func order(
    _ deed: BreakGlassOrder.Action, _ path: String, _ id: ApprovalID, _ invocation: Invocation
) throws -> JSONValue {
    let deployment = try Deployment.open(invocation)
    let order = try PersonSigner.order(
        BreakGlassContent(request: id, deed: deed), invocation, deployment)
    return try GatewayClient(deployment).post(
        "/v1/approvals/\(id.text)/\(path)", order.envelope.json)
}
