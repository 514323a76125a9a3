package import InterlockJSON
package import InterlockModel

/// The error in a probe; kept on the server until the probe is decided.
package struct ProbeFlaw: Hashable, Sendable {
    /// The stable code, which records write after `probe.`.
    package enum Kind: String, Sendable, CaseIterable {
        /// A hundred times the requested amount.
        case amount
        /// An unknown e-mail address or host name that resembles a known one.
        case recipient
        /// A target outside the intended folder.
        case target
        /// Text that addresses the approver.
        case instruction
        /// An invisible or look-alike character.
        case hidden
    }

    package let kind: Kind
    /// One sentence for the person who decided the probe.
    package let sentence: String

    /// The limit of the sentence, in bytes of UTF-8.
    package static let longest = 2048

    package init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }

    package var code: String { "probe." + kind.rawValue }
}

/// The stored form.
extension ProbeFlaw {
    package var json: JSONValue { ["kind": .string(kind.rawValue), "sentence": .string(sentence)] }

    package init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(json, at: path, required: ["kind", "sentence"])
        self.init(
            try fields.made("kind", "a flaw") { Kind(rawValue: $0) },
            try fields.made("sentence", "at most \(Self.longest) bytes") { text in
                text.utf8.count <= Self.longest ? text : nil
            })
    }
}
