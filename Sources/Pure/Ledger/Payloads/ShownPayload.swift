package import InterlockJSON

/// A payload of a record for whoever may read it.
package struct ShownPayload: Sendable {
    package let field: String
    package let answer: PayloadResponse

    package init(field: String, answer: PayloadResponse) {
        self.field = field
        self.answer = answer
    }

    /// The plaintext as text, or in parentheses why there is none.
    package var text: String {
        switch answer {
        case .opened(let plaintext): String(decoding: plaintext, as: UTF8.self)
        case .erased: "(erased)"
        case .missing(let what): "(missing: \(what))"
        case .bad(let fault): "(BAD: \(fault))"
        }
    }

    /// The plaintext as JSON, or as a string if it is none; nil when there is no plaintext.
    package var json: JSONValue? {
        guard case .opened(let plaintext) = answer else { return nil }
        return (try? JSONValue(parsing: plaintext, limits: .upstream)) ?? .string(text)
    }
}
