import InterlockJSON
import InterlockMCP

/// What a form brought (`application/x-www-form-urlencoded`). Bounded by the transport; each name stands once.
package struct FormBody: Sendable {
    private let fields: [ExactText: String]
    static let mostFields = 16

    /// nil for what no browser makes of our forms.
    package init?(_ body: [UInt8]) {
        guard let text = String(validating: body, as: UTF8.self),
            body.count(where: { $0 == UInt8(ascii: "&") }) < Self.mostFields,
            let fields = FormFields.parse(text)
        else { return nil }
        self.fields = fields
    }

    /// A field that is not there reads as empty, which no check lets through.
    package subscript(name: String) -> String { fields[name] ?? "" }

    /// Parameters of the type change nothing: text of forms is UTF-8.
    static let mediaType = "application/x-www-form-urlencoded"
}
