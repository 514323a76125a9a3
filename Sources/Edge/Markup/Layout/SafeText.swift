import InterlockApprovals
package import InterlockJSON
import InterlockModel

/// Displays values of any origin safely and in full: each in a separate left-to-right box, with invisible characters
/// made visible.
package enum SafeText {
    /// A text in its box, followed by warnings about its appearance.
    @HTMLBuilder package static func text(_ text: String) -> [HTML] {
        let shown = RevealedText(text)
        box(shown)
        warnings(shown)
    }

    /// A name of any origin in its box, in which lines break after `. _ - / : @` first, followed by warnings about its
    /// appearance.
    @HTMLBuilder package static func name(_ name: String) -> [HTML] {
        let shown = RevealedText(name)
        box(shown, breaksNames: true)
        warnings(shown)
    }

    /// A sentence of the gateway, in the type of other sentences. Separators of thousands in it are displayed
    /// unchanged; names of others that are part of it are as visible as in `text`.
    @HTMLBuilder package static func own(_ text: String) -> [HTML] {
        let shown = RevealedText(text, isOwn: true)
        box(shown, .text)
        warnings(shown)
    }

    /// A text from a call, in quotation marks, so that empty text and text that resembles another type are
    /// recognisable; followed by its decoded form, if any.
    @HTMLBuilder package static func quoted(_ text: String) -> [HTML] {
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
    @HTMLBuilder package static func value(_ value: JSONValue) -> [HTML] {
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

    private static func box(
        _ shown: RevealedText, breaksNames: Bool = false, _ styles: Style...
    ) -> HTML {
        element(.bdi, .style([.value] + styles), .word(.dir, "ltr")) {
            for span in shown.spans {
                if breaksNames, case .plain(let text) = span {
                    breakable(text)
                } else {
                    piece(span)
                }
            }
        }
    }

    /// The text with a position for a line break after each character that separates parts of a name.
    private static func breakable(_ text: String) -> [HTML] {
        var parts: [HTML] = []
        var part = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            part.append(scalar)
            guard "._-/:@".unicodeScalars.contains(scalar) else { continue }
            parts += [.text(String(part)), empty(.wbr)]
            part = String.UnicodeScalarView()
        }
        return part.isEmpty ? parts : parts + [.text(String(part))]
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
    package static func safe(_ text: String) -> HTML { .group(SafeText.text(text)) }

    /// A name of any origin, as `SafeText` shows it.
    package static func name(_ name: String) -> HTML { .group(SafeText.name(name)) }

    /// A sentence of the gateway, as `SafeText` shows it.
    package static func own(_ text: String) -> HTML { .group(SafeText.own(text)) }
}

/// Displays text where markup is not possible.
package enum SafeLine {
    package static func text(_ text: String) -> String { RevealedText(text).line }
}
