package import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockReview

extension Command {
    package static let reviewSign = Command(
        "review sign ID", "sign a review, or print what is missing",
        example:
            "interlock review sign 01kag0q9m2c4e6g8j0k2n4p6r8 --next 2026-12-30 --answers review.json --as omar@acme.example",
        options: [
            .directory, .person, .key, .json,
            Option("--next DATE", "when the next review is due; required of the first who signs"),
            Option(
                "--answers FILE",
                "JSON: policy, parts, controls, drift, decisions, findings, earlier findings"),
            Option("--with EMAILS", "the other reviewers, separated by commas"),
        ],
        exits: .ofOrders,
        notes: """
            The first reviewer makes the document, the others sign the same one. A reviewer is not the owner, and did not give \
            more than half of the approvals in the sample; at tier high there are two. Exit 1: something is missing, and \
            nothing is signed. FILE: {"policy": "sha256:...", "parts": ["scopes", "retire", "drift", "controls"], \
            "controls": [{"control": "owner", "ok": true}], "findings": [{"severity": 2, "text": "...", "owner": \
            "dana@acme.example", "due": "2026-12-10T00:00:00Z"}], "earlier": [{"review": "...", "number": 1, "outcome": \
            "mended"}]}; docs/governance-review.md has all members.
            """
    ) { invocation in
        let id = try reviewID(invocation)
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment, patience: Duration.seconds(60))
        let signer = try PersonSigner.open(invocation, deployment)
        let waiting = try client.get("/v1/reviews/\(id.text)/document")
        let signOff: ReviewSignOff
        let payload: [UInt8]
        if !invocation.has("next"), let document = waiting["document"], document.object != nil {
            (signOff, payload) = try signedReview(document)
        } else {
            let draft = try client.post(
                "/v1/reviews/\(id.text)/draft",
                .object(try stated(invocation, signer.person.person)))
            let missing = draft.strings("missing")
            guard missing.isEmpty, let document = draft["document"] else {
                invocation.print(
                    draft,
                    (missing.map { "missing: " + TerminalEscaping.shown($0) }
                        + ["nothing is signed"]).joined(separator: "\n"))
                return .no
            }
            payload = try statement { () throws(FormError) -> [UInt8] in
                do throws(JSONError) { return try document.canonical() } catch {
                    throw FormError.json(error)
                }
            }
            signOff = try read(
                Envelope(payloadType: .review, payload: payload, signatures: []))
        }
        guard signOff.review == id, signOff.reviewers.contains(signer.person.person) else {
            throw Failure(
                .notPermitted,
                "the document does not name \(signer.person.person.address) as a reviewer",
                help: "reviewers: "
                    + signOff.reviewers.map(\.address).joined(separator: ", "))
        }
        invocation.explain(
            signOff.statement.map { TerminalEscaping.shown($0) }.joined(separator: "\n"))
        let answer = try client.post(
            "/v1/reviews/\(id.text)/sign", try signer.sign(.review, payload).json)
        let others = answer.strings("waits_for").joined(separator: ", ")
        return invocation.print(
            answer,
            answer.flag("signed")
                ? "signed: the next review of \(answer.text("scope")) is due on \(answer.text("next"))"
                : "signed; it waits for " + TerminalEscaping.shown(others))
    }

    private static func signedReview(
        _ document: JSONValue
    ) throws(Failure) -> (ReviewSignOff, [UInt8]) {
        let envelope: Envelope
        do throws(FormError) { envelope = try Envelope(json: document) } catch {
            throw Failure(.data, "the gateway's document is malformed: \(error)")
        }
        return (try read(envelope), envelope.payload)
    }

    private static func read(_ envelope: Envelope) throws(Failure) -> ReviewSignOff {
        do throws(FormError) { return try ReviewSignOff(envelope) } catch {
            throw Failure(.data, "the gateway's document is malformed: \(error)")
        }
    }

    /// The statements of the reviewer, of which the gateway makes the document.
    private static func stated(
        _ invocation: Invocation, _ person: Person
    ) throws(Failure) -> JSONObject {
        var object = JSONObject()
        if let path = invocation["answers"] {
            let bytes: [UInt8]
            do throws(FileFailure) { bytes = try File.read(path, limit: 256 << 10) } catch {
                throw Failure(.notFound, error.message)
            }
            let value: JSONValue
            do throws(FormError) {
                value = try StrictFields.value(bytes, limit: 256 << 10)
            } catch { throw Failure(.data, "`\(path)`: \(error)") }
            guard let found = value.object else {
                throw Failure(.data, "`\(path)`: expected a JSON object")
            }
            object = found
        }
        object["next"] = .string(try moment("next", invocation))
        object["reviewers"] = .array(
            try invocation.people(person, with: "with").map { .string($0.address) })
        return object
    }

    package static let reviewPostpone = Command(
        "review postpone [AGENT]", "postpone a review once, by at most 14 days",
        example:
            "interlock review postpone support-triage --until 2026-12-20 --reason 'The reviewer is ill until Monday' --with omar@acme.example",
        options: [
            .directory, .person, .key, .json,
            Option("--org", "the review of the organisation as a whole"),
            Option("--until DATE", "when it is due then; required of the first who signs"),
            Option("--reason TEXT", "why, at least 20 characters; required of the first"),
            Option("--with EMAIL", "the other person; required of the first who signs"),
        ],
        exits: .ofOrders,
        notes:
            "Two people sign. It is an exception, which the next review lists. The first makes the document, the other signs the same one."
    ) { invocation in
        let agent = try scopedAgent(invocation)
        let scope = ReviewScope(of: agent)
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment)
        let signer = try PersonSigner.open(invocation, deployment)
        let shown = try client.get(
            "/v1/review-postponements" + (agent.map { "?agent=\($0.text)" } ?? ""))
        let order: PostponementOrder
        if !invocation.has("until"), let document = shown["document"], document.object != nil {
            do throws(FormError) {
                order = try PostponementOrder(Envelope(json: document))
            } catch { throw Failure(.data, "the gateway's document is malformed: \(error)") }
        } else {
            order = try postponement(
                of: scope, shown, signer.person.person,
                org: try PersonSigner.trustFile(of: deployment).org, invocation)
        }
        guard order.scope == scope, order.deciders.contains(signer.person.person) else {
            throw Failure(
                .notPermitted,
                "the document does not name \(signer.person.person.address) as a decider")
        }
        invocation.explain(
            [
                "postpone the review of \(order.scope.text) from "
                    + "\(order.due.rfc3339(fractionDigits: 0)) to "
                    + order.until.rfc3339(fractionDigits: 0),
                "deciders " + order.deciders.map(\.address).joined(separator: ", "),
                "reason: \(order.reason)",
            ].map { TerminalEscaping.shown($0) }.joined(separator: "\n"))
        let payload = try statement { () throws(FormError) in try order.canonical() }
        let answer = try client.post(
            "/v1/review-postponements", try signer.sign(.reviewPostponement, payload).json)
        return invocation.print(
            answer,
            answer.flag("postponed")
                ? "postponed: \(answer.text("scope")) is due on \(answer.text("until"))"
                : "signed; it waits for the other person")
    }

    private static func postponement(
        of scope: ReviewScope, _ shown: JSONValue, _ person: Person, org: String,
        _ invocation: Invocation
    ) throws(Failure) -> PostponementOrder {
        guard let due = shown["due"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let until = Timestamp(rfc3339: try moment("until", invocation))
        else { throw Failure(.data, "the gateway's answer is malformed") }
        _ = try invocation.require("with")
        let order = PostponementOrder(
            org: org, scope: scope, due: due, until: until,
            reason: try invocation.require("reason"),
            deciders: try invocation.people(person, with: "with"), date: SystemClock().now.wall)
        guard let order else {
            throw Failure(
                .usage,
                "a review is postponed by 14 days at most, by two people, for a reason of 20 to 2,000 bytes",
                help: "it is due on \(shown.text("due")); \(shown.text("latest")) is the latest"
            )
        }
        return order
    }
}
