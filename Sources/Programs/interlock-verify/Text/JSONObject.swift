/// A JSON object whose members are looked up by name and checked for their type on access.
struct JSONObject {
    let bytes: [UInt8]
    let form: JSONScanner.Form
    let members: [JSONScanner.Member]

    init(_ bytes: [UInt8], in range: Range<Int>, _ form: JSONScanner.Form) throws(Fault) {
        self.bytes = bytes
        self.form = form
        members = try JSONScanner.members(of: bytes, in: range, form)
    }

    init(_ bytes: [UInt8], _ form: JSONScanner.Form) throws(Fault) {
        try self.init(bytes, in: 0..<bytes.count, form)
    }

    /// Returns the range of a member's value. Names of the format need no escapes, so the written form is compared.
    func range(_ name: StaticString) -> Range<Int>? {
        let count = name.utf8CodeUnitCount
        return members.first { $0.key.count == count && bytes[$0.key].isText(name) }?.value
    }

    /// Returns whether the object has a member of this name with this value, both as written.
    func has(_ name: [UInt8], _ value: [UInt8]) -> Bool {
        let member = members.first { bytes[$0.key].elementsEqual(name) }
        return member.map { bytes[$0.value].elementsEqual(value) } ?? false
    }

    /// Returns the bytes of a value as written.
    func written(_ name: StaticString) -> ArraySlice<UInt8>? { range(name).map { bytes[$0] } }

    func text(_ name: StaticString) -> Octets? { written(name).flatMap(JSONObject.text) }
    func integer(_ name: StaticString) -> UInt64? { written(name).flatMap { Decimal.parse($0) } }

    func truth(_ name: StaticString) -> Bool? {
        guard let value = written(name) else { return nil }
        return value.isText("true") ? true : value.isText("false") ? false : nil
    }

    func digest(_ name: StaticString) -> Digest? {
        text(name).flatMap { Digest(base64: $0.bytes[...]) }
    }

    func base64(_ name: StaticString) -> [UInt8]? {
        text(name).flatMap { Base64.decode($0.bytes[...]) }
    }

    func base64URL(_ name: StaticString) -> [UInt8]? {
        text(name).flatMap { Base64.decodeURL($0.bytes) }
    }

    func object(_ name: StaticString) -> JSONObject? {
        range(name).flatMap { try? JSONObject(bytes, in: $0, form) }
    }

    func elements(_ name: StaticString) -> [Range<Int>]? {
        range(name).flatMap { try? JSONScanner.elements(of: bytes, in: $0, form) }
    }

    func objects(_ name: StaticString) -> [JSONObject]? {
        guard let elements = elements(name) else { return nil }
        let objects = elements.compactMap { try? JSONObject(bytes, in: $0, form) }
        return objects.count == elements.count ? objects : nil
    }

    /// Returns whether the object has these members and no others.
    func hasExactly(_ names: StaticString...) -> Bool {
        members.count == names.count && names.allSatisfy { range($0) != nil }
    }

    static func text(_ value: ArraySlice<UInt8>) -> Octets? {
        guard value.count >= 2, value.first == UInt8(ascii: "\"") else { return nil }
        return Octets(JSONString.decoded(value.dropFirst().dropLast()))
    }
}
