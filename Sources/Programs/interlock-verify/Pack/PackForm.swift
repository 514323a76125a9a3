/// The forms that values of a pack's files share.
enum PackForm {
    /// Parses an object in canonical form.
    ///
    /// - Throws: also if the object lacks a member of `names`, or has one that neither list names.
    static func object(
        _ bytes: [UInt8], _ names: [StaticString], optional: [StaticString]
    ) throws(Fault) -> JSONObject {
        let fields: JSONObject
        do throws(Fault) { fields = try JSONObject(bytes, .record) } catch {
            throw Fault("it is not in canonical form")
        }
        for name in names where fields.range(name) == nil {
            throw Fault("it lacks `\(name)`")
        }
        let present = optional.count { fields.range($0) != nil }
        guard fields.members.count == names.count + present else {
            throw Fault("it has a member that its form does not have")
        }
        return fields
    }

    /// Returns whether the bytes are an object or a list in this form.
    static func hasOneReading(_ bytes: [UInt8], _ form: JSONScanner.Form) -> Bool {
        let range = 0..<bytes.count
        guard bytes.first != UInt8(ascii: "[") else {
            return (try? JSONScanner.elements(of: bytes, in: range, form)) != nil
        }
        return (try? JSONScanner.members(of: bytes, in: range, form)) != nil
    }

    /// Parses `sha256:` and 64 digits of hex.
    static func digest(_ text: Octets) -> Digest? {
        text.bytes.prefix(7).isText("sha256:") ? Digest(hex: text.bytes.dropFirst(7)) : nil
    }

    /// The size of a tree or the index of a record, which is a string of digits.
    static func number(_ fields: JSONObject, _ name: StaticString) -> UInt64? {
        fields.text(name).flatMap { Decimal.parse($0.bytes[...]) }
    }

    static func texts(_ fields: JSONObject, _ name: StaticString) -> [Octets]? {
        guard let elements = fields.elements(name) else { return nil }
        let texts = elements.compactMap { JSONObject.text(fields.bytes[$0]) }
        return texts.count == elements.count && Set(texts).count == texts.count ? texts : nil
    }

    /// A time of RFC 3339 in UTC, in microseconds since 1970: `2026-08-01T00:00:00Z`, with at most six digits of a
    /// second.
    static func time(_ fields: JSONObject, _ name: StaticString) -> UInt64? {
        fields.text(name).flatMap { time($0.bytes) }
    }

    static func time(_ text: [UInt8]) -> UInt64? {
        guard (20...27).contains(text.count), text.last == UInt8(ascii: "Z"),
            text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"), let year = digits(text[0..<4]),
            let month = digits(text[5..<7]), let day = digits(text[8..<10]),
            let hour = digits(text[11..<13]), let minute = digits(text[14..<16]),
            let second = digits(text[17..<19]), year >= 1970, (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        var micros: UInt64 = 0
        if text.count > 20 {
            let fraction = text[20..<text.count - 1]
            guard text[19] == UInt8(ascii: "."), let value = digits(fraction) else { return nil }
            micros = (fraction.count..<6).reduce(value) { value, _ in value * 10 }
        }
        // Days since 1970 in the Gregorian calendar, with years that begin in March.
        let early: UInt64 = month <= 2 ? 1 : 0
        let years = year - early
        let ofYear = (153 * (month + 12 * early - 3) + 2) / 5 + day - 1
        let days = years * 365 + years / 4 - years / 100 + years / 400 + ofYear - 719_468
        return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000_000 + micros
    }

    private static func digits(_ text: ArraySlice<UInt8>) -> UInt64? {
        guard !text.isEmpty,
            text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return text.reduce(UInt64(0)) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
    }
}
