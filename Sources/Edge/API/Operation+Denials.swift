import InterlockAdministration
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// The operation on the causes of denials.
    static let denials: [Operation] = [
        Operation(
            name: "classifyDenial", method: .post, path: "/records/{index}/cause",
            summary: "Records the cause of a denial, which counts for its agent's trust; the "
                + "latest statement about a denial counts. Role security, and no owner of the agent.",
            body: .record(
                "DenialClassification",
                .init("as", .choice(of: DenialCause.self), "The cause."),
                .init(
                    "reason", .text(.words(most: DenialClassificationService.longestReason)),
                    "Why; recorded.")),
            answer: StatedCause.form.shape,
            problems: [
                .notRead, .noSuchRecord, .notEligible, .otherState, .notRecorded, .tooMany,
            ], isLocal: true,
            handler: .answer { api, call throws(Problem) in
                let denials = try api.part(api.sources.denials)
                let (index, author) = (try call.index(), try call.author())
                let visibility = try api.visibility(call)
                guard let cause = call.body["as"]?.string.flatMap(DenialCause.init(rawValue:))
                else { throw Problem(ClassificationRefusal.missing) }
                do throws(ClassificationRefusal) {
                    return StatedCause.form.json(
                        try await denials.classify(
                            index, as: cause, reason: call.reason, by: author, with: visibility))
                } catch { throw Problem(error) }
            })
    ]
}

extension StatedCause: ResponseRecord {
    static let form = ResponseSchema<StatedCause>(
        "StatedCause",
        .init("record", .count, "The index of its `call.denied`.") {
            Int64(clamping: $0.record)
        },
        .init("agent", .text(.plain(1...256)), "The agent that was denied.") { $0.agent.text },
        .init("as", .choice(of: DenialCause.self), "The cause.") { $0.cause.rawValue },
        .maybe("policy", .text(.digest), "Of `policy`: the policy that grants the call.") {
            $0.policy?.prefixed
        },
        .init("by", .text(.base64(16)), "The person, a pseudonym.") { $0.by.text })
}

extension Problem {
    fileprivate init(_ refusal: ClassificationRefusal) {
        switch refusal {
        case .notRead(let cause): self.init(cause)
        case .missing: self.init(.noSuchRecord, refusal.sentence)
        case .reason: self.init(.malformed, refusal.sentence)
        case .ownAgent, .noOwner: self.init(.notEligible, refusal.sentence)
        case .notCounted, .notTainted, .noInput, .notGranted:
            self.init(.otherState, refusal.sentence)
        case .notRecorded: self.init(.notRecorded, refusal.sentence)
        }
    }
}

extension ClassificationRefusal {
    fileprivate var sentence: String {
        switch self {
        case .missing: "record not found, or no access"
        case .reason:
            "a reason is required, of at most \(DenialClassificationService.longestReason) characters"
        case .notCounted:
            "the record is no denial that counts against an agent: one for the stage, by the change gate, or of a call that waits for people does not"
        case .ownAgent: "an owner of the agent does not state the cause of its denials"
        case .noOwner: "the policy in force does not name an owner of the agent"
        case .notTainted:
            "the run had read no untrusted content when the call was denied, so it was no attack"
        case .noInput:
            "the decision cannot be made again: the record sums up denials, or its payloads were erased"
        case .notGranted:
            "no signed change of the policy grants the call: the policy in force denies it, or is that of the denial"
        case .notRecorded(let code): "the log takes no record now (\(code))"
        case .notRead(let refusal): refusal.description
        }
    }
}
