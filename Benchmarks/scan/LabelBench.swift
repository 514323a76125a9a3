import InterlockJSON
import InterlockModel
import InterlockSafety

/// Measures the labels of values with a full index (docs/specs/output-safety.md, section 7), in nanoseconds: `label_add`
/// (one token of an untrusted text) and `label` (one value of a call, of which half are known).
enum LabelBench {
    private static let tokens = 64
    private static let values = 1_000
    private static let rounds = 50

    static func measure(into result: inout JSONObject) {
        var index = LabelIndex(key: (1, 2))
        let clock = ContinuousClock()
        var added = 0
        let filling = clock.measure {
            while index.isComplete {
                let words = (0..<tokens).map { "item-\(added + $0)" }.joined(separator: " ")
                index.add(untrusted: ["text": .string(words)], of: "a.b", isNamed: false)
                added += tokens
            }
        }
        let arguments = JSONValue.array(
            (0..<values).map { .string($0.isMultiple(of: 2) ? "item-\($0)" : "other-\($0)") })
        let none = LabelConstants(egress: [])
        var found = 0
        let looking = clock.measure {
            for _ in 0..<rounds {
                found += index.labels(of: arguments, schema: nil, none).count
            }
        }
        result["label_add"] = .integer(nanoseconds(filling) / Int64(max(1, added)))
        result["label"] = .integer(nanoseconds(looking) / Int64(max(1, found)))
    }

    private static func nanoseconds(_ time: Duration) -> Int64 {
        let parts = time.components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}
