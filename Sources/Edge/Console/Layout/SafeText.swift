import InterlockApprovals
import InterlockJSON
import InterlockModel

/// Values of any origin, made safe to look at: each in its own left-to-right box, with what cannot be seen
/// made visible, in full.
enum SafeText {
    /// A text in its box, and behind it what to know of its look.
    @HTMLBuilder static func text(_ text: String) -> [HTML] {
        let shown = RevealedText(text)
        box(shown)
        warnings(shown)
    }

    /// Text from a call: quoted, so that an empty one and the look of another kind are seen, and its decoded
    /// form beside it.
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
                if let inner = decoded.text { self.text(inner) } else { "cannot be shown as text" }
            }
        }
    }

    /// A value of JSON, whole. Recursion is bounded by the depth that the parser lets through.
    @HTMLBuilder static func value(_ value: JSONValue) -> [HTML] {
        switch value {
        case .string(let text): quoted(text)
        case .null, .bool, .integer, .number:
            element(.span, .style(.literal)) {
                String(decoding: value.serialized(), as: UTF8.self)
            }
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

/// The same where no markup can stand.
enum ShownLine {
    static func text(_ text: String) -> String { RevealedText(text).line }
}
