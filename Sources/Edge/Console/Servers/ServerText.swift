import InterlockJSON

/// Texts of a server for people, as inert data; long texts are cut.
enum ServerText {
    /// The maximum length in characters.
    private static let longest = 2_000

    @HTMLBuilder static func quoted(_ text: String) -> [HTML] {
        SafeText.quoted(String(text.prefix(longest)))
        rest(of: text)
    }

    @HTMLBuilder static func value(_ value: JSONValue?) -> [HTML] {
        if let value {
            let written = String(decoding: value.serialized(), as: UTF8.self)
            if written.count <= longest { SafeText.value(value) } else { quoted(written) }
        } else {
            "nothing"
        }
    }

    @HTMLBuilder private static func rest(of text: String) -> [HTML] {
        let count = text.count
        if count > longest {
            element(.span, .style(.muted)) { " the first \(longest) of \(count) characters" }
        }
    }
}
