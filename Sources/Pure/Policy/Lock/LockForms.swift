import InterlockJSON
package import InterlockModel

// Parsers of the small forms that members of the lock have. Each returns nil for another text.

/// Parses `sha256:` and 64 digits, in exactly the spelling that is written.
package func digest(_ text: String) -> Digest? {
    guard let digest = Digest(prefixed: text), digest.prefixed == text else { return nil }
    return digest
}

/// Accepts a host name or an address, without port.
func hostText(_ text: String) -> String? {
    let isHost = text.utf8.allSatisfy { isNameByte($0) || "[]:".utf8.contains($0) }
    return (1...253).contains(text.utf8.count) && isHost ? text : nil
}

func toolName(_ text: String) -> ToolName? { ToolName(text) }

func promptName(_ text: String) -> String? {
    (1...LockedPrompt.longestName).contains(text.utf8.count) ? text : nil
}

func aliasText(_ text: String) -> String? { ToolName(text)?.text }

func variableName(_ text: String) -> String? {
    let isName = text.utf8.allSatisfy { isNameByte($0) && $0 != 0x2e && $0 != 0x2d }
    return (1...128).contains(text.utf8.count) && isName ? text : nil
}

/// Parses a person in lower case: two spellings of one person would be two forms of one file.
func lowerCasePerson(_ text: String) -> Person? {
    guard let person = Person(text), person.address == text else { return nil }
    return person
}

/// Returns true for letters, digits, `_`, `.` and `-`.
func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "_.-".utf8.contains(byte)
    }
}

extension StrictFields {
    /// Reads a member that is null or a text that `make` converts to a value.
    package func optional<Value>(
        _ key: String, _ expected: String, _ make: (String) -> Value?
    ) throws(FormError) -> Value? {
        guard try value(key) != .null else { return nil }
        return try made(key, expected, make)
    }
}

/// Checks that the stated pin is that of the definition.
func expect(_ pin: Digest, in fields: StrictFields) throws(FormError) {
    guard try fields.value("pin") == .string(pin.prefixed) else {
        throw fields.bad("pin", "that of its definition, `\(pin.prefixed)`")
    }
}

/// Reads the members of an object whose keys are names.
///
/// - Parameter path: the path of the object.
func members<Name: Hashable, Value>(
    of fields: StrictFields, _ key: String, at path: String, most: Int,
    _ makeName: (String) -> Name?, _ expected: String,
    _ make: (Name, JSONValue, String) throws(FormError) -> Value
) throws(FormError) -> [Name: Value] {
    guard let object = try fields.value(key).object, object.count <= most else {
        throw fields.bad(key, "an object of at most \(most) members")
    }
    var made: [Name: Value] = [:]
    made.reserveCapacity(object.count)
    for (key, value) in object.members {
        guard let name = makeName(key) else { throw .badMember("\(path).\(key)", expected) }
        guard made.updateValue(try make(name, value, "\(path).\(key)"), forKey: name) == nil else {
            // The bytes differ, yet the name is the same if characters are compared.
            throw .badMember("\(path).\(key)", "a name that is listed once")
        }
    }
    return made
}
