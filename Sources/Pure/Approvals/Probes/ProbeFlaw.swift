package import InterlockJSON
package import InterlockModel

/// What is wrong with a probe: kept on the server until the probe is decided.
package struct ProbeFlaw: Hashable, Sendable {
    /// Stable, as records have it after `probe.`.
    package enum Kind: String, Sendable, CaseIterable {
        /// A hundred times what was asked for.
        case amount
        /// An address or a name of a host that nobody here knows, made to look like one that is known.
        case recipient
        /// Out of the folder that was meant.
        case target
        /// Text that speaks to whoever decides.
        case instruction
        /// A character that cannot be seen, or looks like another.
        case hidden
    }

    package let kind: Kind
    /// One sentence for the person who approved it.
    package let sentence: String

    /// Of the sentence, in UTF-8.
    package static let longest = 2048

    package init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }

    package var code: String { "probe." + kind.rawValue }
}

/// The stored form.
extension ProbeFlaw {
    package var json: JSONValue {
        ["kind": .string(kind.rawValue), "sentence": .string(sentence)]
    }

    package init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(json, at: path, required: ["kind", "sentence"])
        self.init(
            try fields.made("kind", "a flaw") { Kind(rawValue: $0) },
            try fields.made("sentence", "at most \(Self.longest) bytes") { text in
                text.utf8.count <= Self.longest ? text : nil
            })
    }
}
