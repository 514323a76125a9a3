import CLinux
import InterlockApprovals
package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
package import InterlockModel

/// Prints the review, asks the person to confirm it, signs, and sends the vote.
///
/// - Parameter state: the state that the request must have; if nil, only the gateway decides whether the vote counts.
func vote(
    _ verdict: Vote.Verdict, _ invocation: Invocation, whileItIs state: String? = nil
) throws -> Exit {
    let deployment = try Deployment.open(invocation)
    let client = GatewayClient(deployment)
    let id = try approvalID(invocation)
    let signer = try PersonSigner.open(invocation, deployment)
    let shown = try client.post(
        "/v1/approvals/\(id.text)/challenge",
        ["approver": .string(signer.person.pseudonym.text), "shows": .bool(verdict == .approve)])
    if let state, shown["state"]?.string != state {
        throw Failure(.no, "the request is \(shown["state"]?.string ?? "gone"), not \(state)")
    }
    let review = try Review(shown)
    let since = ContinuousClock.now
    guard review.document.request == id else {
        throw Failure(.data, "the gateway shows another request than `\(id.shown)`")
    }
    if verdict == .approve {
        if !invocation.isJSON { Output.line(ApprovalFormatter.review(shown)) }
        try invocation.compare(
            review.callDigest, of: "the call", to: "approve",
            help: "read it with `interlock approvals show`, then pass --digest sha256:...")
        holdBack(review.document, since)
    }
    let envelope = try signer.sign(
        .vote, try review.vote(verdict, by: signer.person.pseudonym).canonical())
    var body = envelope.json.object ?? [:]
    if verdict == .deny { body["reason"] = invocation.json("reason") }
    let answer = try client.post("/v1/approvals/\(id.text)/votes", .object(body))
    let count = answer["have"]?.integer.map { ", \($0) of \(answer.number("need"))" } ?? ""
    let probe = answer["probe"]?.string.map { "\n" + TerminalEscaping.shown($0) } ?? ""
    invocation.print(answer, "\(id.shown) \(answer["state"]?.string ?? "counted")\(count)\(probe)")
    // An approved probe exits with 1, because nothing was approved.
    return answer["caught"]?.bool == false ? .no : .ok
}

/// Waits until the minimum reading time has passed: at tier high, the gateway rejects an earlier approval.
private func holdBack(_ review: ReviewDocument, _ since: ContinuousClock.Instant) {
    guard review.decision.tier == .high else { return }
    let left = MinimumReadingTime.time(for: review) - (ContinuousClock.now - since)
    if left > .zero { usleep(UInt32(clamping: left.microseconds + 50_000)) }
}

/// The review from the gateway, checked for consistency: the signature covers exactly what was printed, regardless of
/// the gateway's claims.
struct Review {
    let document: ReviewDocument
    let callDigest: Digest
    private let shown: JSONValue

    init(_ shown: JSONValue) throws(Failure) {
        do throws(FormError) {
            document = try ReviewDocument(json: shown["review"] ?? .null)
        } catch {
            throw Failure(.data, "the gateway's review is malformed: \(error)")
        }
        callDigest = document.call.digest(OpenSSLHashing())
        guard shown["digest"]?.string == callDigest.prefixed else {
            throw Failure(.data, "the digest is not that of the call that is shown")
        }
        self.shown = shown
    }

    func vote(_ verdict: Vote.Verdict, by approver: Pseudonym) throws(Failure) -> Vote {
        guard let bind = shown["bind"]?.string.flatMap(Digest.init(base64:)),
            let expires = shown["expires"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let seconds = shown["use_within_s"]?.integer,
            let nonce = shown["nonce"]?.string.flatMap({ Base64.decodeURL($0) })
        else { throw Failure(.data, "the gateway's answer is incomplete") }
        return Vote(
            request: document.request, revision: document.revision, verdict: verdict,
            group: document.decision.group, quorum: document.decision.quorum, uses: document.uses,
            call: callDigest,
            policy: document.policy, bind: bind, expires: expires, useWithin: .seconds(seconds),
            approver: approver, nonce: nonce)
    }
}

extension Invocation {
    /// Requires the person to type the last six digits of the displayed digest. Without a terminal, `--digest` must
    /// give the whole digest, and the key must be in ssh-agent, since no passphrase can be typed.
    package func compare(_ digest: Digest, of what: String, to verb: String, help: String)
        throws(Failure)
    {
        if let given = self["digest"] {
            guard given == digest.prefixed || given == digest.hex else {
                throw Failure(.data, "the digest is not that of \(what): \(digest.prefixed)")
            }
            return
        }
        guard isatty(0) == 1 else {
            throw Failure(.usage, "without a terminal the whole digest must be given", help: help)
        }
        Output.error("type the last 6 digits of the digest to \(verb):")
        guard readLine()?.lowercased() == String(digest.hex.suffix(6)) else {
            throw Failure(.data, "these are not the last 6 digits; nothing was signed")
        }
    }
}
