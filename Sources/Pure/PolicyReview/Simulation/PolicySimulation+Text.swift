package import InterlockJSON
import InterlockModel
import InterlockPolicy

extension PolicySimulation.Change {
    /// The calls that changed, such as `easier    12  refunds billing.refund_request: 2 approvals -> allowed`, and examples.
    package var text: String {
        let was = obligations.map { "\(before.words) with \($0.before.asWords)" } ?? before.words
        let isNow = obligations.map { "\(after.words) with \($0.after.asWords)" } ?? after.words
        var lines = ["\(direction.rawValue)  \(count) x \(agent) \(tool): \(was) -> \(isNow)"]
        lines += examples.map { example in
            let arguments = String(decoding: example.arguments.serialized(), as: UTF8.self)
            return
                "    dec_\(example.call) at \(example.at.rfc3339(fractionDigits: 3)), by \(example.rule): "
                + (arguments.count > 200 ? arguments.prefix(200) + "..." : arguments)
        }
        return lines.joined(separator: "\n")
    }

    package var json: JSONValue {
        [
            "direction": .string(direction.rawValue), "agent": .string(agent.text),
            "tool": .string(tool.description), "before": .string(before.description),
            "after": .string(after.description), "calls": .integer(Int64(count)),
            "obligations": obligations.map {
                [
                    "before": .array($0.before.map { .string($0) }),
                    "after": .array($0.after.map { .string($0) }),
                ]
            } ?? .null,
            "examples": .array(
                examples.map {
                    [
                        "call": .string($0.call), "index": .integer(Int64(clamping: $0.index)),
                        "at": .string($0.at.rfc3339(fractionDigits: 3)),
                        "arguments": $0.arguments, "rule": .string($0.rule),
                    ]
                }),
        ]
    }
}

extension PolicySimulation {
    /// The totals.
    ///
    /// - Parameter days: the length of the period.
    package func text(days: Double) -> String {
        var lines = [
            "\(decided) calls decided again under \(policy.digest.prefixed): \(count(.easier)) easier, "
                + "\(count(.stricter)) stricter",
            "approvals a day: \(Self.perDay(approvals.before, days)) -> \(Self.perDay(approvals.after, days))",
        ]
        for reason in Unknown.allCases {
            guard let count = unknown[reason] else { continue }
            lines.append("cannot tell for \(count): \(reason.sentence)")
        }
        let coverage = coverage
        lines += coverage.reached.map { "rule \($0.name) (\($0.kind)) decides \($0.calls)" }
        lines += coverage.unreached.map { "rule \($0.name) (\($0.kind)) is never reached" }
        return lines.joined(separator: "\n")
    }

    package var json: JSONValue {
        [
            "policy": .string(policy.digest.prefixed), "calls": .integer(Int64(decided)),
            "easier": .integer(Int64(count(.easier))),
            "stricter": .integer(Int64(count(.stricter))),
            "approvals": [
                "before": .integer(Int64(approvals.before)),
                "after": .integer(Int64(approvals.after)),
            ],
            "cannot_tell": .object(
                JSONObject(
                    distinct: Unknown.allCases.map {
                        ($0.rawValue, .integer(Int64(unknown[$0] ?? 0)))
                    })),
            "rules": .array(
                coverage.rows.map { row in
                    [
                        "rule": .string(row.name), "kind": .string(row.kind),
                        "calls": .integer(Int64(row.calls)),
                    ]
                }),
        ]
    }

    /// One decimal.
    private static func perDay(_ count: Int, _ days: Double) -> Double {
        (Double(count) / max(days, 1) * 10).rounded() / 10
    }
}

extension [String] {
    fileprivate var asWords: String { isEmpty ? "no obligation" : joined(separator: ", ") }
}
