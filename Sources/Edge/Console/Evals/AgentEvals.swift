import InterlockChangeGate
import InterlockEvals
import InterlockMarkup
import InterlockModel

/// An agent's fingerprint, its results, the agents that share a part of it, and what to run next.
struct AgentEvals {
    static let anchor = Anchor("agent-evals")

    let detail: AgentEvalDetail

    private var line: AgentEvalSummary { detail.line }

    @HTMLBuilder var content: [HTML] {
        if line.isExcepted, let exception = detail.exception {
            notice(.warning) {
                "Two people let it work without a result until "
                Shape.exact(exception.until)
                ": "
                SafeText.text(exception.reason)
            }
        }
        if let carried = detail.carriedUntil {
            notice(.warning) {
                "The policy was narrowed. The result of before counts until "
                Shape.exact(carried)
                "."
            }
        }
        facts
        parts.html
        if detail.results.isEmpty {
            element(.p, .style(.empty)) {
                "No result of it is on record. A result is the signed outcome of a suite of cases with known outcomes, for one fingerprint."
            }
        } else {
            results.html
            if detail.resultCount > detail.results.count {
                element(.p, .style(.hint)) {
                    "The newest \(detail.results.count) of \(detail.resultCount) are shown."
                }
            }
        }
        element(.h3) { "Impact" }
        impact
        if line.outlook.state != .observed {
            element(.h3) { "What to run next" }
            EvalSteps(line: line).html
        }
    }

    private var facts: HTML {
        var facts = Facts()
        facts.add("Verdict") {
            EvalLabels.badge(line)
            " "
            EvalLabels.reason(line)
        }
        if let until = line.outlook.until {
            facts.add(line.fact == .passed ? "Passes until" : "Refused from") {
                Shape.exact(until)
            }
        }
        facts.add("Proof that a run needs") { EvalLabels.proof(line.proof) }
        if let fingerprint = detail.fingerprint {
            facts.add("Fingerprint") { Shape.digest(fingerprint.prefixed) }
        }
        return facts.html
    }

    private var parts: Table {
        Table(
            "Fingerprint by part",
            [.name("Part"), .id("Digest"), .state("Since the last result"), .text("Known from")],
            detail.parts
        ) { part in
            [
                .text(EvalLabels.part(part.part)),
                part.digest.map { Shape.digest($0.prefixed) } ?? .text("–"),
                Self.change(part), .text(Self.source(part)),
            ]
        }
    }

    private static func change(_ part: FingerprintPartStatus) -> HTML {
        guard let isChanged = part.isChanged else { return .text("–") }
        return isChanged ? badge("changed", .warning) : .text("same")
    }

    private static func source(_ part: FingerprintPartStatus) -> String {
        if part.isComputed { return "computed from policy and lock" }
        if part.digest == nil { return "no result states it" }
        return part.isNothing ? "the last result: nothing is listed" : "the last result"
    }

    private var results: Table {
        Table(
            "Results, the newest first",
            [
                .id("Fingerprint"), .state("Verdict"), .text("Cases"), .text("Flags", .second),
                .text("Now differs in", .second), .time("Ended"), .time("Too old"),
                .text("Made by", .third),
            ], detail.results
        ) { one in
            [
                Shape.digest(one.result.fingerprint.prefixed),
                .group(Self.verdict(one)), .text(EvalLabels.counts(one.result)),
                EvalLabels.flags(one.result), .text(EvalLabels.parts(one.differences)),
                Shape.time(one.result.ended), Shape.time(one.expires), .safe(one.result.runner),
            ]
        }
    }

    /// The verdict of the result, with the reason if it does not count.
    @HTMLBuilder private static func verdict(_ one: EvalResultSummary) -> [HTML] {
        EvalLabels.verdict(one)
        switch one.fact {
        case .stale: [.text(" "), badge("too old", .warning)]
        case .unsigned: [.text(" "), badge("no key that counts", .warning)]
        case .thin: [.text(" "), badge("thin suite", .warning)]
        case .passed, .missing, .failed, .unproven: []
        }
    }

    @HTMLBuilder private var impact: [HTML] {
        let shared = detail.parts.filter { $0.sharingCount > 0 }
        if shared.isEmpty {
            element(.p) {
                "No other agent that you see has a result with the same prompt, skills or models."
            }
        } else {
            element(.ul) {
                for part in shared {
                    element(.li) { sharing(part) }
                }
            }
        }
        if !detail.servers.isEmpty {
            element(.p) {
                "Agents with tools of the same servers: "
                for (place, server) in detail.servers.prefix(Self.mostServers).enumerated() {
                    if place > 0 { ", " }
                    hyperlink(Link("agents", query: [("server", server.text)])) {
                        SafeText.name(server.text)
                    }
                }
                if detail.servers.count > Self.mostServers {
                    " and \(detail.servers.count - Self.mostServers) more"
                }
            }
        }
        element(.p, .style(.hint)) {
            "The gateway knows prompt, skills and models by one digest each, as results state them, and not what is in them. In the folder of the policy, "
            element(.code) { "interlock eval report --impact skill:NAME" }
            " names the agents that one skill, prompt, model or tool concerns."
        }
    }

    private static let mostServers = 10

    @HTMLBuilder private func sharing(_ part: FingerprintPartStatus) -> [HTML] {
        "\(EvalLabels.part(part.part)), the same in the last results of "
        for (place, agent) in part.sharing.enumerated() {
            if place > 0 { ", " }
            hyperlink(Link("agents", agent.text)) { SafeText.name(agent.text) }
        }
        if part.sharingCount > part.sharing.count {
            " and \(part.sharingCount - part.sharing.count) more"
        }
    }
}
