import InterlockAPI
import InterlockJSON
import InterlockMarkup
import InterlockModel

/// A form as it was sent, and the reason why it was refused. It is shown again at its place, with what was typed.
struct RefusedForm {
    let fields: FormBody
    /// A sentence without its full stop.
    let reason: String
    /// The form on a page of several; empty if its fields tell it.
    var step = ""

    func has(_ name: String, _ value: String) -> Bool { sameBytes(fields[name], value) }

    /// The reason at the head of the form. The script leads the focus to it.
    var notice: HTML {
        element(
            .div, .style(.notice, .bad), .word(.role, "alert"), .number(.tabindex, -1)
        ) {
            element(.p) { SafeText.own("Not done: \(reason).") }
        }
    }
}

extension RefusedForm {
    /// True if one of the pieces has the reason at its form, so that a page says it at no second place.
    func isShown(in pieces: [HTML]) -> Bool {
        HTML.group(pieces).bytes.firstRange(of: notice.bytes) != nil
    }
}

/// The values that a form begins with: those that were refused, or else those on record.
struct FormValues {
    let refused: RefusedForm?

    func value(_ name: String, or recorded: String? = nil) -> String? {
        refused.map { $0.fields[name] } ?? recorded
    }

    /// A field of several lines.
    func area(
        _ name: StaticString, _ id: Anchor, rows: Int, longest: Int, isRequired: Bool = false
    ) -> HTML {
        let attributes: [Attribute] = [
            .word(.name, name), .id(id), .number(.rows, rows), .number(.maxlength, longest),
        ]
        return .element(
            .textarea, attributes + (isRequired ? [.flag(.required)] : []),
            [.text(value("\(name)") ?? "")])
    }
}
