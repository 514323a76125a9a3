package import InterlockJSON

/// A payload of a record for an authorized reader.
package struct DisplayedPayload: Sendable {
    package let field: String
    package let answer: PayloadResponse

    package init(field: String, answer: PayloadResponse) {
        self.field = field
        self.answer = answer
    }

    /// The plaintext as text, or the reason for its absence in parentheses.
    package var text: String {
        switch answer {
        case .opened(let plaintext): String(decoding: plaintext, as: UTF8.self)
        case .erased: "(erased)"
        case .missing(let what): "(missing: \(what))"
        case .bad(let fault): "(BAD: \(fault))"
        }
    }

    /// The plaintext as JSON, or as a string if it is not JSON, or nil if no plaintext was opened.
    package var json: JSONValue? {
        guard case .opened(let plaintext) = answer else { return nil }
        return (try? JSONValue(parsing: plaintext, limits: .upstream)) ?? .string(text)
    }
}
