import InterlockAdministration
import InterlockLedger
import InterlockModel

/// What a list says of one record: from its leaf, which holds no payload.
struct RecordLine {
    let record: VerifiedRecord

    var time: Timestamp { record.record.time ?? Timestamp(microseconds: 0) }
    func text(_ name: String) -> String? { record.record.text(name) }

    /// How it was decided or how it ended, with the code and the rule.
    var said: [String] {
        [text("dec") ?? text("st"), text("code"), text("rule").map { "by \($0)" }]
            .compactMap(\.self)
    }

    var proof: String {
        "proved against checkpoint \(record.size), cosigned by \(record.cosigners)"
    }

    /// A text of the leaf, or that there is none.
    func cell(_ name: String) -> HTML { text(name).map { .group(SafeText.text($0)) } ?? .text("–") }

    var link: HTML {
        element(.a, .link(.href, Link("audit", String(record.index)))) { "\(record.index)" }
    }
}
