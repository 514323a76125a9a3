import InterlockCommandLine
import InterlockModel
import InterlockPolicy

/// The trust at which a command shows agents: that of `--stage`, of the running gateway, or of the file as if it were
/// earned; by default that of an agent without a trust record.
struct StatedTrust {
    private enum Origin {
        case same(AgentTerms.Trust)
        case served(ServedStages)
    }

    private let origin: Origin

    /// The options that choose it.
    static let options: [Option] = [
        .asWritten, .served,
        Option("--stage STAGE", "at this stage, 0 to 3 (default: 0, without a trust record)"),
    ]

    /// - Parameters:
    ///   - policy: what the command judges by; standard error says if the gateway that is asked has another one.
    ///   - takesWords: true if `--stage` may also be one of the words of a policy, which the caller reads.
    /// - Throws: exit 64 if two options contradict each other or the stage is invalid; 69 if the gateway is asked and
    ///   cannot be reached.
    init(
        _ invocation: Invocation, _ policy: PolicySnapshot, takesWords: Bool = false
    ) throws(Failure) {
        let number = try Self.number(invocation, takesWords: takesWords)
        let (isServed, isWritten) = (invocation.has("served"), invocation.has("as-written"))
        guard [isServed, isWritten, number != nil].count(where: { $0 }) < 2 else {
            throw Failure(
                .usage,
                "only one of `--served`, `--as-written` and a number in `--stage` can be used")
        }
        if let number {
            origin = .same(.record(number, isFounding: false))
        } else if isServed {
            let stages = try ServedStages(invocation)
            if let note = stages.difference(from: policy) { Output.error(note) }
            origin = .served(stages)
        } else {
            origin = .same(isWritten ? .asWritten : AgentTerms.Trust.none)
        }
    }

    private static func number(
        _ invocation: Invocation, takesWords: Bool
    ) throws(Failure) -> TrustStageAssignment? {
        guard let text = invocation["stage"] else { return nil }
        if let stage = Int(text).flatMap({ TrustStageAssignment($0) }) { return stage }
        guard takesWords, Int(text) == nil else {
            throw Failure(.usage, "invalid stage `\(text)`", help: "use 0, 1, 2 or 3")
        }
        return nil
    }

    subscript(agent: AgentName) -> AgentTerms.Trust {
        switch origin {
        case .same(let trust): trust
        case .served(let stages): stages[agent]
        }
    }
}

extension Option {
    static let asWritten = Option(
        "--as-written", "at the stage and with the limits of the file, as if they were earned")

    static let served = Option(
        "--served", "at the stages and with the limits at which the running gateway serves")
}
