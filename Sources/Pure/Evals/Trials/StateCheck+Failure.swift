import InterlockJSON
import InterlockModel

extension StateCheck {
    /// Returns the reason for which the check does not hold, or nil if it does. A check that cannot be evaluated does not
    /// hold.
    ///
    /// - Parameter state: the states of the scripted servers, by name.
    func failure(in state: JSONObject, _ patterns: any PatternCompiler) -> String? {
        guard let server = path.tokens.first else { return "is not a pointer" }
        guard state[server] != nil else {
            return "cannot be evaluated: the world has no scripted server `\(server)`"
        }
        switch JSONValue.object(state).target(of: path) {
        case .absent:
            if case .absent = condition { return nil }
            return "is not there"
        case .unfit: return "cannot be evaluated: it leads into a value that has no parts"
        case .value(let value): return failure(of: value, patterns)
        }
    }

    private func failure(of value: JSONValue, _ patterns: any PatternCompiler) -> String? {
        switch condition {
        case .absent: return "is there"
        case .equals(let expected):
            return value.hasSameValue(as: expected) ? nil : "has another value"
        case .contains(let part): return Self.containment(of: part, in: value)
        case .size(let expected):
            guard let size = value.countOfParts else { return "has no size" }
            return size == expected ? nil : "has size \(size), expected \(expected)"
        case .matches(let text):
            guard let subject = value.string else { return "is not a text" }
            do throws(PatternError) {
                let pattern = try patterns.compile(text)
                return pattern.matches(subject) ? nil : "does not match"
            } catch {
                return "cannot be evaluated: invalid pattern: \(error.message)"
            }
        }
    }

    private static func containment(of part: JSONValue, in value: JSONValue) -> String? {
        switch (value, part) {
        case (.array(let items), _):
            return items.contains { $0.hasSameValue(as: part) } ? nil : "has no such element"
        case (.object, .object): return value.hasAtLeast(part) ? nil : "has no such members"
        case (.string(let text), .string(let wanted)):
            return hasBytes(of: wanted, in: text) ? nil : "has no such part"
        default: return "cannot be evaluated: it has no parts of this kind"
        }
    }
}

/// Returns true if the bytes of `part` occur in those of `text`. The time is linear in both (Knuth, Morris and Pratt):
/// the state of a world may have 4 MiB, and a case 64 KiB.
private func hasBytes(of part: String, in text: String) -> Bool {
    let wanted = Array(part.utf8)
    guard !wanted.isEmpty else { return true }
    // The length of the longest beginning of `wanted` that ends at each place and is shorter than what is before it.
    var borders = [0]
    var length = 0
    for byte in wanted.dropFirst() {
        while length > 0, wanted[length] != byte { length = borders[length - 1] }
        if wanted[length] == byte { length += 1 }
        borders.append(length)
    }
    length = 0
    for byte in text.utf8 {
        while length > 0, wanted[length] != byte { length = borders[length - 1] }
        if wanted[length] == byte { length += 1 }
        if length == wanted.count { return true }
    }
    return false
}

extension JSONValue {
    /// The number of elements, of members, or of Unicode scalars; nil for a value without parts.
    fileprivate var countOfParts: Int? {
        switch self {
        case .array(let items): items.count
        case .object(let object): object.count
        case .string(let text): text.unicodeScalars.count
        case .null, .bool, .integer, .number: nil
        }
    }
}
