import InterlockApprovals
import InterlockJSON
import InterlockModel

/// Displays values of any origin safely and in full: each in a separate left-to-right box, with invisible characters
/// made visible.
enum SafeText {
    /// A text in its box, followed by warnings about its appearance.
    @HTMLBuilder static func text(_ text: String) -> [HTML] {
        let shown = RevealedText(text)
        box(shown)
        warnings(shown)
    }

    /// A text of the gateway with amounts, whose separators of thousands are displayed unchanged.
    @HTMLBuilder static func own(_ text: String) -> [HTML] {
        let shown = RevealedText(text, isOwn: true)
        box(shown)
        warnings(shown)
    }

    /// A text from a call, in quotation marks, so that empty text and text that resembles another type are
    /// recognisable; followed by its decoded form, if any.
    @HTMLBuilder static func quoted(_ text: String) -> [HTML] {
        let shown = RevealedText(text)
        element(.span, .style(.sign)) { "“" }
        box(shown)
        element(.span, .style(.sign)) { "”" }
        warnings(shown)
        if let decoded = DecodedText(text) {
            element(.span, .style(.decoded)) {
                element(.span, .style(.muted)) {
                    "\(decoded.code.rawValue), \(decoded.count) bytes: "
                }
                if let inner = decoded.text { self.text(inner) }
                if let packed = decoded.packed { content(of: packed) }
            }
        }
    }

    /// The content of gzip data, or the reason for which it is not shown.
    @HTMLBuilder private static func content(of packed: [UInt8]) -> [HTML] {
        switch GzipCoding.unpacked(packed) {
        case .tooLong: "more than \(GzipCoding.mostUnpacked) bytes unpacked, not shown"
        case .malformed: "damaged, cannot be shown"
        case .bytes(let bytes):
            if let inner = String(validating: bytes, as: UTF8.self) {
                "\(bytes.count) bytes unpacked: "
                text(inner)
            } else {
                "cannot be shown as text"
            }
        }
    }

    /// A complete JSON value. Recursion is bounded by the depth that the parser accepts.
    @HTMLBuilder static func value(_ value: JSONValue) -> [HTML] {
        switch value {
        case .string(let text): quoted(text)
        case .null, .bool, .integer, .number:
            element(.span, .style(.literal)) { String(decoding: value.serialized(), as: UTF8.self) }
        case .array(let items):
            if items.isEmpty { element(.span, .style(.literal)) { "[ ] empty list" } }
            if !items.isEmpty {
                element(.ol, .style(.tree)) {
                    for item in items { element(.li) { self.value(item) } }
                }
            }
        case .object(let object):
            if object.isEmpty { element(.span, .style(.literal)) { "{ } no members" } }
            if !object.isEmpty {
                element(.ul, .style(.tree)) {
                    for (key, value) in object.members {
                        element(.li) {
                            element(.strong, .style(.key)) { text(key) }
                            ": "
                            self.value(value)
                        }
                    }
                }
            }
        }
    }

    private static func box(_ shown: RevealedText) -> HTML {
        element(.bdi, .style(.value), .word(.dir, "ltr")) {
            for span in shown.spans { piece(span) }
        }
    }

    @HTMLBuilder private static func warnings(_ shown: RevealedText) -> [HTML] {
        if !shown.warnings.isEmpty {
            " "
            element(.strong, .style(.badge, .medium)) {
                shown.warnings.map(\.rawValue).joined(separator: ", ")
            }
        }
    }

    private static func piece(_ span: RevealedText.Span) -> HTML {
        switch span {
        case .plain(let text): .text(text)
        case .hidden(let scalar):
            element(.span, .style(.hidden)) { scalar.mark }
        case .sign(let sign):
            element(.span, .style(.sign)) { sign == .lineBreak ? "⏎\n" : sign.picture }
        }
    }
}

extension HTML {
    /// A text of any origin, as `SafeText` shows it.
    static func safe(_ text: String) -> HTML { .group(SafeText.text(text)) }
}

/// Displays text where markup is not possible.
enum SafeLine {
    static func text(_ text: String) -> String { RevealedText(text).line }
}
