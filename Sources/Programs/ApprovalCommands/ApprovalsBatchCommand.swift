import InterlockApprovals
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    package static let approvalsBatch = Command(
        "approvals batch ID ID...", "release several like calls with one signature",
        example:
            "interlock approvals batch apr_01kag0q9m2c4e6g8j0k2n4p6r8 apr_01kag0q9m2c4e6g8j0k2n4p6r9 --as ada@acme.example",
        options: [
            .directory, .person, .key, .json,
            Option(
                "--digest SHA256",
                "the whole digest of the batch, instead of typing its last 6 digits"),
        ],
        exits: .ofOrders,
        notes: """
            2 to 20 reversible calls inside the organisation, of one agent at stage 1 or above, one tool and one
            template, at tier low or medium. Prints the first request, of each other one the lines that differ, and the
            digest of the batch. Every one is an approval of its own afterwards. Exit 1: some were not counted.
            """
    ) { invocation in
        let ids = try invocation.positional.map { text throws(Failure) in
            try approvalID(of: text)
        }
        guard BatchVote.sizes.contains(ids.count), Set(ids).count == ids.count else {
            throw Failure(
                .usage,
                "a batch has \(BatchVote.sizes.lowerBound) to "
                    + "\(BatchVote.sizes.upperBound) requests, each once")
        }
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment)
        let signer = try PersonSigner.open(invocation, deployment)
        let approver = signer.person.pseudonym
        var shown: [JSONValue] = []
        var reviews: [Review] = []
        for id in ids.sorted(by: { $0.text < $1.text }) {
            let one = try client.post(
                "/v1/approvals/\(id.text)/challenge",
                ["approver": .string(approver.text), "shows": true])
            let review = try Review(one)
            guard review.document.request == id else {
                throw Failure(.data, "the gateway shows another request than `\(id.shown)`")
            }
            shown.append(one)
            reviews.append(review)
        }
        // The gateway checks this and the stage of the agent again before it counts a vote.
        if let reason = BatchRefusal.reason(against: reviews.map(\.document)) {
            throw Failure(.notPermitted, "approve each by itself: \(reason.sentence)")
        }
        let digest = OpenSSLHashing().sha256(reviews.flatMap(\.callDigest.bytes))
        if !invocation.isJSON {
            let text = BatchFormatter.lines(of: shown.map(lines(of:))).joined(separator: "\n")
            Output.line(text)
            Output.line("digest of the batch: \(digest.prefixed)")
        }
        try invocation.compare(
            digest, of: "the batch", to: "approve all \(ids.count)",
            help: "read them as they are printed without --json, whose last line is the digest, "
                + "then pass --digest sha256:...")
        var votes: [Vote] = []
        for review in reviews { votes.append(try review.vote(.approve, by: approver)) }
        guard let batch = BatchVote(votes) else {
            throw Failure(.data, "the gateway's answers are not of one person's votes")
        }
        let envelope = try signer.sign(.batch, try batch.canonical())
        let answer = try client.post("/v1/approval-batches", envelope.json)
        let results = answer.rows("votes")
        invocation.print(answer, results.map(line).joined(separator: "\n"))
        return !results.isEmpty && results.allSatisfy(isCounted) ? .ok : .no
    }
}

private func lines(of request: JSONValue) -> [String] {
    ApprovalFormatter.review(request)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}

private func line(_ vote: JSONValue) -> String {
    let count = vote["have"]?.integer.map { ", \($0) of \(vote.number("need"))" } ?? ""
    let probe = vote["probe"]?.string.map { "\n" + TerminalEscaping.shown($0) } ?? ""
    let state = vote["state"]?.string ?? "not counted: \(vote.text("detail"))"
    return "\(vote.text("shown")) \(state)\(count)\(probe)"
}

/// Returns true if the vote counts, or completed an approval. An approved probe is void.
private func isCounted(_ vote: JSONValue) -> Bool {
    let state = vote["state"]?.string ?? ""
    return state == "approved" || state == "pending"
}
