/// One call or act of the self-test (docs/specs/evidence.md, section 5). The raw value is the id of the test in
/// records, reports and evidence packs. It never changes.
package enum SelfTestCase: String, Sendable, Hashable, CaseIterable {
    /// The one call that must be answered by the server, so that a gateway that refuses everything does not pass.
    case permittedCall = "permitted-call"
    case unlistedTool = "unlisted-tool"
    case writeUnderRead = "write-under-read-grant"
    case forbiddenArguments = "forbid-with-matching-arguments"
    case changedArgument = "changed-argument-after-approval"
    case replayedApproval = "replayed-approval"
    case callUnderKill = "call-under-kill"
    case overLimit = "call-over-a-limit"
    case stageObserve = "call-at-stage-observe"
    case writeAfterUntrusted = "write-after-untrusted-read"
    case secretInArguments = "secret-in-arguments"
    case unlistedHost = "egress-to-unlisted-host"
    case editedLog = "edit-of-a-copied-log"

    /// The id of the rule that forbids the arguments of `forbiddenArguments` in the policy of the self-test.
    package static let forbid = "selftest-forbid"

    /// The reasons with which the act may be refused; empty for the permitted call.
    ///
    /// A tool that an agent may not call does not exist for it, so both unlisted tools have the code of the protocol too.
    package var reasons: [String] {
        switch self {
        case .permittedCall: []
        case .unlistedTool, .writeUnderRead:
            ["unlisted-tool", "no-grant", SelfTestAnswer.unknownTool]
        case .forbiddenArguments: [Self.forbid]
        case .changedArgument, .replayedApproval: ["pending"]
        case .callUnderKill: ["halted"]
        case .overLimit: ["limit"]
        case .stageObserve: ["observe"]
        case .writeAfterUntrusted: ["pending", "taint-approval"]
        case .secretInArguments: ["secret-in-arguments"]
        case .unlistedHost: ["403"]
        case .editedLog: ["proof"]
        }
    }
}

/// The answer to one act.
package enum SelfTestAnswer: Sendable, Hashable {
    /// The reason in place of the protocol's error about a tool that does not exist (-32602).
    package static let unknownTool = "unknown-tool"

    /// The server's own answer.
    case answered
    /// A refusal with its stable reason and, if a rule decided, the rule.
    case refused(reason: String, rule: String)
    /// The act cannot be made on this machine, with the reason. Only for `unlistedHost`, which supervisors may be able to
    /// make as another user; the check of sandboxes then fails.
    case absent(String)
    /// The act could not be made, or its answer was not understood. Words for people.
    case other(String)
}

/// The answer to one act, and the calls that arrived.
package struct SelfTestObservation: Sendable, Hashable {
    package let answer: SelfTestAnswer
    /// The number of times that the act reached the fake server, or its target.
    package let arrivals: Int

    package init(_ answer: SelfTestAnswer, arrivals: Int) {
        self.answer = answer
        self.arrivals = arrivals
    }
}

extension SelfTestCase {
    /// Compares the observation with the expected answer. An act without an observation fails.
    package func result(of observation: SelfTestObservation?) -> SelfTestResult {
        guard let observation else {
            return SelfTestResult(
                id: rawValue, passed: false, text: "the act was not made",
                remedy: Self.repeatCommand)
        }
        let count = observation.arrivals
        let arrived = "\(count) \(count == 1 ? "arrival" : "arrivals") at the server"
        switch observation.answer {
        case .answered where self == .permittedCall && count == 1:
            return SelfTestResult(id: rawValue, passed: true, text: "answered, \(arrived)")
        case .answered:
            return failed("answered, \(arrived)")
        case .refused(let reason, let rule) where isExpected(reason, rule) && count == 0:
            return SelfTestResult(
                id: rawValue, passed: true, text: "refused with \(reason), \(arrived)")
        case .refused(let reason, _):
            return failed("refused with \(reason), \(arrived)")
        case .absent(let words) where self == .unlistedHost && count == 0:
            return SelfTestResult(id: rawValue, passed: true, text: Self.untested + words)
        case .absent(let words), .other(let words):
            return failed("\(words), \(arrived)")
        }
    }

    private func isExpected(_ reason: String, _ rule: String) -> Bool {
        reasons.contains(reason) || reasons.contains(rule)
    }

    private func failed(_ text: String) -> SelfTestResult {
        let expected =
            self == .permittedCall
            ? "answered once" : "refused with " + reasons.joined(separator: " or ")
        return SelfTestResult(
            id: rawValue, passed: false, text: "\(text); expected: \(expected)",
            remedy: Self.repeatCommand)
    }

    /// The beginning of the text of an act that could not be made on this machine.
    static let untested = "not tested: "
    private static let repeatCommand = "interlock selftest run, then interlock kill --all"
}
