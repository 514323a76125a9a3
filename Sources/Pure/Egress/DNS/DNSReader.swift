/// Reads the answer to a question (RFC 1035, section 4.1). Anything that is not its answer is refused.
package struct DNSReader {
    /// The longest message over TCP.
    package static let longestMessage = 65_535
    static let mostRecords = 256
    static let mostPointers = 32

    private let bytes: [UInt8]
    private var place = 0

    /// - Throws: `dns-failure`.
    package static func read(
        _ bytes: [UInt8], answering query: DNSQuery
    ) throws(EgressRefusal) -> DNSAnswer {
        guard bytes.count <= longestMessage else { throw invalid }
        var reader = DNSReader(bytes: bytes)
        return try reader.answer(to: query)
    }

    /// Returns false for a message that is not a response with the id of the query, which is ignored.
    package static func isResponse(_ bytes: [UInt8], to query: DNSQuery) -> Bool {
        bytes.count >= 12 && bytes[0] == UInt8(query.id >> 8) && bytes[1] == UInt8(query.id & 255)
            && bytes[2] & 0x80 != 0
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private static let invalid = EgressRefusal(.dnsFailure, "invalid answer of the resolver")

    private mutating func answer(to query: DNSQuery) throws(EgressRefusal) -> DNSAnswer {
        let id = try number()
        let flags = try number()
        let counts = (
            questions: try number(), answers: try number(), authority: try number(),
            additional: try number()
        )
        // A response to a standard query.
        guard id == query.id, flags & 0xf800 == 0x8000, counts.questions == 1 else {
            throw Self.invalid
        }
        guard try name() == query.name, try number() == query.type.rawValue, try number() == 1
        else { throw Self.invalid }
        switch flags & 0xf {
        case 0: break
        case 3: throw EgressRefusal(.dnsFailure, "the name does not exist")
        default: throw EgressRefusal(.dnsFailure, "the resolver failed")
        }
        if flags & 0x200 != 0 { return DNSAnswer(addresses: [], aliases: 0, isTruncated: true) }
        guard counts.answers <= Self.mostRecords else { throw Self.invalid }
        var records: [Record] = []
        for _ in 0..<counts.answers {
            if let record = try record(query.type) { records.append(record) }
        }
        return try Self.follow(records, from: query.name)
    }

    private struct Record {
        enum Content {
            case alias([UInt8])
            case address(IPAddress)
        }
        let owner: [UInt8]
        let content: Content
    }

    /// Reads the next record; returns nil for one of another type or class.
    private mutating func record(_ type: DNSQueryType) throws(EgressRefusal) -> Record? {
        let owner = try name()
        let kind = try number()
        let network = try number()
        _ = try take(4)  // The time to live.
        let length = Int(try number())
        let end = place + length
        guard end <= bytes.count else { throw Self.invalid }
        guard network == 1 else {
            place = end
            return nil
        }
        switch kind {
        case 5:
            let target = try name()
            guard place == end else { throw Self.invalid }
            return Record(owner: owner, content: .alias(target))
        case type.rawValue:
            guard length == type.addressBytes, let address = IPAddress(bytes: try take(length))
            else { throw Self.invalid }
            return Record(owner: owner, content: .address(address))
        default:
            place = end
            return nil
        }
    }

    private static func follow(
        _ records: [Record], from name: [UInt8]
    ) throws(EgressRefusal) -> DNSAnswer {
        var name = name
        var aliases = 0
        while true {
            var targets: [[UInt8]] = []
            var addresses: [IPAddress] = []
            for record in records where record.owner == name {
                switch record.content {
                case .alias(let target): targets.append(target)
                case .address(let address): addresses.append(address)
                }
            }
            // A name is an alias, or has addresses (RFC 1034, section 3.6.2).
            guard targets.count <= 1, targets.isEmpty || addresses.isEmpty else { throw invalid }
            guard let next = targets.first else {
                return DNSAnswer(addresses: addresses, aliases: aliases, isTruncated: false)
            }
            aliases += 1
            guard aliases <= CheckedAddresses.mostAliases else {
                throw EgressRefusal(
                    .dnsFailure, "more than \(CheckedAddresses.mostAliases) aliases")
            }
            name = next
        }
    }

    // MARK: parts

    private mutating func number() throws(EgressRefusal) -> UInt16 {
        let two = try take(2)
        return UInt16(two[two.startIndex]) << 8 | UInt16(two[two.startIndex + 1])
    }

    private mutating func take(_ count: Int) throws(EgressRefusal) -> ArraySlice<UInt8> {
        guard bytes.count - place >= count else { throw Self.invalid }
        defer { place += count }
        return bytes[place..<(place + count)]
    }

    /// Reads a name in lower case, its labels joined by dots. Pointers lead only backwards, so that they end.
    private mutating func name() throws(EgressRefusal) -> [UInt8] {
        var name: [UInt8] = []
        var position = place
        var least = place
        var pointers = 0
        while true {
            guard position < bytes.count else { throw Self.invalid }
            let length = Int(bytes[position])
            if length >= 0xc0 {
                guard position + 1 < bytes.count, pointers < Self.mostPointers else {
                    throw Self.invalid
                }
                let target = (length & 0x3f) << 8 | Int(bytes[position + 1])
                guard target < least else { throw Self.invalid }
                if pointers == 0 { place = position + 2 }
                pointers += 1
                least = target
                position = target
                continue
            }
            guard length <= EgressHost.longestLabel, position + length < bytes.count else {
                throw Self.invalid
            }
            if length == 0 {
                if pointers == 0 { place = position + 1 }
                return name
            }
            let label = bytes[(position + 1)...(position + length)]
            guard label.allSatisfy(Self.isNameByte) else { throw Self.invalid }
            if !name.isEmpty { name.append(UInt8(ascii: ".")) }
            name += label.map { (65...90).contains($0) ? $0 | 32 : $0 }
            guard name.count <= EgressHost.longestName else { throw Self.invalid }
            position += length + 1
        }
    }

    /// Letters, digits, hyphens and the underscores of names that are not hosts: a dot or a NUL byte inside a label
    /// would make two names equal.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
}
