import InterlockJSON

/// Writes values as YAML in flow style on one line, in the subset that cases are read in: what a recorded call contains
/// stays text, whatever it contains.
///
/// INVARIANT: a written value is read as the same value, or the file is refused. Kept by `CaseDraftTests`,
/// `Fuzz/CaseDraft`.
enum FlowText {
    /// A key with more characters than this in its quoted form is marked by `?`: libyaml reads no longer ones before a
    /// colon.
    private static let longestPlainKey = 1000

    static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: return "null"
        case .bool(let flag): return flag ? "true" : "false"
        case .integer(let number): return String(number)
        case .number(let number): return number.text
        case .string(let text): return quoted(text)
        case .array(let items):
            return "[" + items.map { Self.text($0) }.joined(separator: ", ") + "]"
        case .object(let object):
            let members = object.members.map { member -> String in
                let key = quoted(member.key)
                let mark = key.utf8.count > longestPlainKey ? "? " : ""
                let colon = mark.isEmpty ? ": " : " : "
                return mark + key + colon + Self.text(member.value)
            }
            return "{" + members.joined(separator: ", ") + "}"
        }
    }

    /// The text between double quotes. Everything that a reader of the file cannot see, or that changes how a line is
    /// shown, is an escape.
    static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars { append(scalar, to: &output) }
        return output + "\""
    }

    /// A text for the line of a comment, at most 200 characters.
    static func comment(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars.prefix(200) { append(scalar, to: &output) }
        return output
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout String) {
        switch scalar {
        case "\"": output += "\\\""
        case "\\": output += "\\\\"
        case "\n": output += "\\n"
        case "\r": output += "\\r"
        case "\t": output += "\\t"
        default:
            if isVisible(scalar) {
                output.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: false)
                let width = scalar.value > 0xffff ? 8 : 4
                output += width == 8 ? "\\U" : "\\u"
                output += String(repeating: "0", count: width - digits.utf8.count) + digits
            }
        }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7f }
        let properties = scalar.properties
        guard !properties.isDefaultIgnorableCodePoint else { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            return false
        default: return true
        }
    }
}
