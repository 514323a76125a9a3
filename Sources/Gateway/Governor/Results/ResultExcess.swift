import InterlockModel
import InterlockPorts

/// The limit that a result exceeds (docs/specs/output-safety.md, section 3).
enum ResultExcess {
    /// The answer was not read, so it is unknown whether the call was executed.
    case unread(ResponseExcess)
    /// A string, or the name of a member, has more than `ResultLimits.longestStringBytes`.
    case string
    /// A list has too many parts, which the text says.
    case parts(String)
    /// The result has more bytes than the policy permits.
    case size(bytes: Int, limit: Int64)

    /// The refusal for the agent, whose code the record has too.
    var refusal: Refusal {
        switch self {
        case .unread(let excess): notRead(excess)
        case .string: withheld("a string has more than \(ResultLimits.longestStringBytes) bytes")
        case .parts(let text): withheld(text)
        case .size(let bytes, let limit): withheld("it has \(bytes) bytes, more than \(limit)")
        }
    }

    private func notRead(_ excess: ResponseExcess) -> Refusal {
        let reason =
            switch excess.limit {
            case .depth: "result-too-deep"
            case .size: "result-too-large"
            }
        return Refusal(
            .upstreamFailed, "safety", reason,
            "the answer of the server was not read, because it exceeds a limit: " + excess.reason,
            outcome: .unknown)
    }

    private func withheld(_ why: String) -> Refusal {
        Refusal(
            .upstreamFailed, "safety", "result-too-large",
            "the call was executed; its result is withheld, because \(why)", outcome: .executed)
    }
}
