import InterlockAdministration
import InterlockLedger
import InterlockModel

/// A record's line in a list, from its leaf, which contains no payload.
struct RecordLine {
    let record: VerifiedRecord

    var time: Timestamp { record.record.time ?? Timestamp(microseconds: 0) }
    func text(_ name: String) -> String? { record.record.text(name) }

    /// The decision or the outcome, with the code and the rule.
    var said: [String] {
        [text("dec") ?? text("st"), text("code"), text("rule").map { "by \($0)" }]
            .compactMap(\.self)
    }

    var proof: String {
        "proved against checkpoint \(record.size), cosigned by \(record.cosigners)"
    }

    /// Returns a cell with a text of the leaf, or a dash.
    func cell(_ name: String) -> HTML { text(name).map { .safe($0) } ?? .text("–") }

    var link: HTML { hyperlink(Link("audit", String(record.index))) { "\(record.index)" } }
}
