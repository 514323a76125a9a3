package import InterlockChangeGate
package import InterlockEvals
import InterlockModel
package import InterlockSchemas

extension AgentEvalDetail: ResponseRecord {
    package static let form = ResponseSchema<AgentEvalDetail>(
        "AgentEvals",
        .init("status", AgentEvalSummary.form.shape, "The verdict, and the latest result.") {
            $0.line
        },
        .maybe("fingerprint", .text(.digest), "Of these parts; omitted without a result.") {
            $0.fingerprint?.prefixed
        },
        .init("parts", .list(of: FingerprintPartStatus.self, 5...5), "What shapes the agent.") {
            $0.parts
        },
        .maybe(
            "carried_until", .text(.time),
            "Until then a result of before a narrowing change of the policy counts."
        ) { $0.carriedUntil },
        .maybe("exception", EvalException.form.shape, "By which it works without a result.") {
            $0.exception
        },
        .init(
            "results", .list(of: EvalResultSummary.self, 0...mostResults),
            "The newest of each fingerprint, the newest first."
        ) { $0.results },
        .init("result_count", .count, "Of all of them.") { $0.resultCount })
}

extension FingerprintPartStatus: ResponseRecord {
    package static let form = ResponseSchema<FingerprintPartStatus>(
        "FingerprintPart",
        .init("part", .choice(of: FingerprintPart.self), "Which.") { $0.part.rawValue },
        .maybe("digest", .text(.digest), "Omitted if no result states it.") {
            $0.digest?.prefixed
        },
        .init("computed", .truth, "Whether the gateway computes it; else a result states it.") {
            $0.isComputed
        },
        .maybe("changed", .truth, "Whether the agent now differs from its latest result.") {
            $0.isChanged
        },
        .init("nothing", .truth, "Whether it lists nothing.") { $0.isNothing },
        .init(
            "shared_by",
            .list(.text(.plain(1...256)), count: 0...AgentEvalDetail.mostSharing),
            "Other agents in sight whose latest results state the same."
        ) { $0.sharing.map(\.text) },
        .init("shared_count", .count, "Of all of them.") { $0.sharingCount })
}

extension EvalException: ResponseRecord {
    package static let form = ResponseSchema<EvalException>(
        "EvalException",
        .init("from", .text(.time), "It begins.") { $0.from },
        .init("until", .text(.time), "It ends.") { $0.until },
        .init("reason", .text(.passage), "As its signers stated it.") { $0.reason })
}
