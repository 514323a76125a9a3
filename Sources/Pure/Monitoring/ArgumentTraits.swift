package import InterlockJSON

/// The parts of a call's arguments that are compared with earlier calls: keys and types, hosts, recipients; never the
/// whole arguments.
package struct ArgumentTraits: Sendable, Equatable {
    /// A hash of keys and types that differs from process to process. It ignores the order of keys and repetitions in
    /// arrays.
    package let shape: Int
    /// The hosts of URLs in the arguments, in lower case, without duplicates.
    package private(set) var hosts: [String] = []
    package private(set) var recipients: [String] = []

    package static let mostHosts = 32
    package static let mostRecipients = 100

    /// Returns the recipients alone.
    ///
    /// - Parameter path: see `init`.
    package static func recipients(in arguments: JSONValue, at path: [String]) -> [String] {
        var traits = ArgumentTraits()
        traits.collect(arguments, path[...])
        return traits.recipients
    }

    private init() { shape = 0 }

    /// - Parameter recipient: the path of names to the field with recipients; it passes through arrays too.
    package init(_ arguments: JSONValue, recipient: [String]? = nil) {
        shape = Self.shape(of: arguments)
        collectHosts(arguments)
        if let recipient { collect(arguments, recipient[...]) }
    }

    /// The most members and items in a shape's text; further ones appear as `...`.
    static let mostOfShape = 1_000

    /// Returns the shape as text, the same in each process: `{"amount":number,"to":[string]}`.
    package static func shapeText(_ value: JSONValue) -> String {
        var left = mostOfShape
        return shapeText(value, &left)
    }

    private static func shapeText(_ value: JSONValue, _ left: inout Int) -> String {
        guard left > 0 else { return "..." }
        left -= 1
        switch value {
        case .null: return "null"
        case .bool: return "bool"
        case .integer, .number: return "number"
        case .string: return "string"
        case .array(let items):
            var texts: Set<ExactText> = []
            for item in items {
                texts.insert(shapeText(item, &left))
                if left <= 0 { break }
            }
            return "[" + texts.sorted().texts.joined(separator: "|") + "]"
        case .object(let object):
            var texts: [String] = []
            for member in object.members {
                let name = String(member.key.prefix(64)).debugDescription
                texts.append("\(name):\(shapeText(member.value, &left))")
                if left <= 0 { break }
            }
            return "{" + texts.sorted().joined(separator: ",") + "}"
        }
    }

    private static func shape(of value: JSONValue) -> Int {
        var hasher = Hasher()
        switch value {
        case .null: hasher.combine(0)
        case .bool: hasher.combine(1)
        case .integer, .number: hasher.combine(2)
        case .string: hasher.combine(3)
        case .array(let items):
            hasher.combine(4)
            hasher.combine(Set(items.map(shape)))
        case .object(let object):
            var sum = 5
            for member in object.members {
                var one = Hasher()
                one.combine(member.key)
                one.combine(shape(of: member.value))
                sum &+= one.finalize()
            }
            hasher.combine(sum)
        }
        return hasher.finalize()
    }

    private mutating func collectHosts(_ value: JSONValue) {
        guard hosts.count < Self.mostHosts else { return }
        switch value {
        case .string(let text):
            if let host = Self.host(text), !hosts.contains(host) { hosts.append(host) }
        case .array(let items): for item in items { collectHosts(item) }
        case .object(let object): for member in object.members { collectHosts(member.value) }
        case .null, .bool, .integer, .number: break
        }
    }

    private mutating func collect(_ value: JSONValue, _ path: ArraySlice<String>) {
        guard recipients.count < Self.mostRecipients else { return }
        switch (value, path.first) {
        case (.array(let items), _): for item in items { collect(item, path) }
        case (.object(let object), let name?):
            if let next = object[name] { collect(next, path.dropFirst()) }
        case (.string(let text), nil): recipients.append(text)
        case (.integer(let number), nil): recipients.append("\(number)")
        default: break
        }
    }

    /// Returns the host if the whole text is an HTTP URL.
    static func host(_ text: String) -> String? {
        guard text.utf8.first.map({ $0 | 0x20 }) == UInt8(ascii: "h") else { return nil }
        let bytes = text.utf8.prefix(2_048)
        guard
            let scheme = [Array("https://".utf8), Array("http://".utf8)].first(where: { scheme in
                bytes.count > scheme.count
                    && zip(bytes, scheme).allSatisfy { $0 | 0x20 == $1 | 0x20 }
            })
        else { return nil }
        // A backslash ends the authority for browsers, which is how people would open the URL.
        let authority = bytes.dropFirst(scheme.count).prefix { !"/?#\\".utf8.contains($0) }
        let named = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[$0...].dropFirst() }
        var host = named ?? authority
        if host.first == UInt8(ascii: "[") {
            host = host.prefix { $0 != UInt8(ascii: "]") }
        } else {
            host = host.prefix { $0 != UInt8(ascii: ":") }
        }
        guard !host.isEmpty else { return nil }
        return String(decoding: Array(host), as: UTF8.self).lowercased()
    }
}
