import InterlockJSON
import InterlockMCP
import InterlockMarkup

/// The content of a form (`application/x-www-form-urlencoded`). Its size is limited by the transport; each name occurs
/// once.
package struct FormBody: Sendable {
    private let fields: [ExactText: String]
    static let mostFields = 16

    /// Returns nil if the body is not one that browsers create from our forms.
    package init?(_ body: [UInt8]) {
        guard let text = String(validating: body, as: UTF8.self),
            body.count(where: { $0 == UInt8(ascii: "&") }) < Self.mostFields,
            let fields = FormFields.parse(text)
        else { return nil }
        self.fields = fields
    }

    /// The value of a field; a missing field reads as empty, which every check rejects.
    package subscript(name: String) -> String { fields[name] ?? "" }

    /// Parameters of the type are ignored: forms are UTF-8.
    package static let mediaType = "application/x-www-form-urlencoded"
}
