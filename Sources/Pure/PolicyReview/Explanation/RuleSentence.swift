import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The parts that sentences of rules share: rates, durations and amounts, each with its unit and with U+202F between
/// thousands.
enum RuleSentence {
    /// The rate in words: "25 calls a day".
    static func rate(_ rate: Rate) -> String {
        (amount(rate.count, .count(of: rate.count == 1 ? "call" : "calls")))
            + " \(window(rate.windowSeconds))"
    }

    /// "an hour"; of a window that has no word, "in 90 s".
    static func window(_ seconds: Int64) -> String {
        switch seconds {
        case 1: "a second"
        case 60: "a minute"
        case 3_600: "an hour"
        case 86_400: "a day"
        default: "in \(seconds) s"
        }
    }

    /// The time in days, hours, minutes and seconds: "1 h 58 min".
    static func time(_ duration: Duration) -> String {
        amount(duration.microseconds / 1_000_000, .measure(.seconds))
    }

    static func bytes(_ count: Int64) -> String { amount(count, .measure(.bytes)) }

    private static func amount(_ count: Int64, _ kind: ArgumentUnit.Kind) -> String {
        (try? UnitFormatter.text(of: .integer(count), as: kind, nil)) ?? "\(count)"
    }

    /// A limit of the sum of an argument in the unit that its tool declares; the number alone is said to have none.
    ///
    /// - Parameter tool: nil if the name in the limit is not that of one tool.
    static func spend(
        _ limit: LimitSpec, _ name: String, _ field: String, _ tool: ToolAddress?,
        in policy: PolicySnapshot
    ) -> String {
        let shown = tool.flatMap { tool in
            ArgumentPath(field).flatMap { path in
                ConditionUnits(policy, of: tool)?
                    .text(of: .integer(limit.rate.count), for: path, known: [:])
            }
        }
        let sum = shown ?? "\(limit.rate.count) (unit not declared)"
        return
            "the sum of \(field) over the calls of \(tool?.description ?? name) is at most \(sum) "
            + window(limit.rate.windowSeconds)
    }
}

extension DataObligations {
    /// The rules for the data of a call, as clauses: "the result is at most 64 KiB".
    var words: String {
        var parts: [String] = []
        if !argumentsDrop.isEmpty {
            parts.append("arguments without \(argumentsDrop.map(\.text).list)")
        }
        if let keep { parts.append("of the result only \(keep.map(\.text).list)") }
        if !drop.isEmpty { parts.append("the result without \(drop.map(\.text).list)") }
        if !mask.isEmpty {
            parts.append("masked in the result: \(mask.keys.sorted().map(\.text).list)")
        }
        if let maxBytes { parts.append("the result is at most \(RuleSentence.bytes(maxBytes))") }
        if overflow == .truncate { parts.append("longer texts are cut") }
        return parts.isEmpty ? "nothing is changed" : parts.joined(separator: "; ")
    }
}
