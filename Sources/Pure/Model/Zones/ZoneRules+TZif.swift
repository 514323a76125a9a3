extension ZoneRules {
    /// Reads a compiled zone of the tz database: TZif of version 1, 2 or 3 (RFC 9636). The reader is strict: it checks
    /// every count, index and indicator, and permits no trailing bytes. Zones that count leap seconds (`right/...`) are
    /// rejected, because timestamps do not count them.
    ///
    /// - Returns: nil if the bytes are not such a file, or exceed `TZif.limit`.
    package init?(tzif bytes: [UInt8]) {
        guard bytes.count <= TZif.limit else { return nil }
        var reader = TZif(bytes)
        guard let header = reader.header() else { return nil }
        if header.version == 0 {
            guard let table = reader.table(header, timeSize: 4), reader.isAtEnd else { return nil }
            self = table
            return
        }
        // The first table is for readers of version 1; the second describes the same zone in 64 bits.
        guard reader.skip(header.size(timeSize: 4)), let second = reader.header(),
            second.version == header.version, let table = reader.table(second, timeSize: 8)
        else { return nil }
        self = table
    }
}

/// The bytes of a TZif file, read sequentially.
package struct TZif {
    /// The maximum size of a file, in bytes. The largest one of the database has less than 4 KiB.
    package static let limit = 256 << 10
    /// The maximum numbers of transitions in a table, of kinds of local time, and of bytes of their names.
    private static let limits = (transitions: 4096, kinds: 256, names: 1024)
    /// The accepted offsets, in seconds east of UTC (RFC 9636, 3.2).
    private static let offsets = -89_999...93_599

    struct Header {
        /// The version as an ASCII digit, or 0 for version 1.
        let version: UInt8
        let universal, standard, leaps, transitions, kinds, names: Int

        func size(timeSize: Int) -> Int {
            transitions * (timeSize + 1) + kinds * 6 + names + leaps * (timeSize + 4) + standard
                + universal
        }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func header() -> Header? {
        guard let start = take(20), start.prefix(4).elementsEqual("TZif".utf8),
            let version = start.dropFirst(4).first, [0, 0x32, 0x33].contains(version),
            let universal = count(), let standard = count(), let leaps = count(),
            let transitions = count(), let kinds = count(), let names = count(),
            leaps == 0, transitions <= Self.limits.transitions,
            (1...Self.limits.kinds).contains(kinds), (1...Self.limits.names).contains(names),
            universal == 0 || universal == kinds, standard == 0 || standard == kinds
        else { return nil }
        return Header(
            version: version, universal: universal, standard: standard, leaps: leaps,
            transitions: transitions, kinds: kinds, names: names)
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    /// Reads the table that follows a header, and the footer if the version has one.
    mutating func table(_ header: Header, timeSize: Int) -> ZoneRules? {
        guard let times = take(header.transitions * timeSize),
            let places = take(header.transitions),
            let offsets = kinds(header), let standard = take(header.standard),
            let universal = take(header.universal), Self.agree(standard, universal)
        else { return nil }
        var transitions: [ZoneRules.Transition] = []
        transitions.reserveCapacity(header.transitions)
        for (number, place) in places.enumerated() {
            let start = times.startIndex + number * timeSize
            let time = Self.signed(times[start..<(start + timeSize)])
            guard Int(place) < offsets.count, transitions.last.map({ $0.time < time }) ?? true
            else { return nil }
            transitions.append(ZoneRules.Transition(time: time, offset: offsets[Int(place)]))
        }
        guard header.version != 0 else {
            return ZoneRules(first: offsets[0], transitions: transitions, later: nil)
        }
        guard let footer = footer() else { return nil }
        guard !footer.isEmpty else {
            return ZoneRules(first: offsets[0], transitions: transitions, later: nil)
        }
        guard let later = ZoneYear(text: footer, extended: header.version == 0x33) else {
            return nil
        }
        // The footer must be consistent with the end of the table (RFC 9636, 3.3).
        if let last = transitions.last, later.offset(at: last.time) != last.offset { return nil }
        return ZoneRules(first: offsets[0], transitions: transitions, later: later)
    }

    /// Returns the offset of each kind of local time. Their names are checked and discarded.
    private mutating func kinds(_ header: Header) -> [Int]? {
        guard let kinds = take(header.kinds * 6), let names = take(header.names) else { return nil }
        var offsets: [Int] = []
        for number in 0..<header.kinds {
            let start = kinds.startIndex + number * 6
            let offset = Int(Self.signed(kinds[start..<(start + 4)]))
            guard Self.offsets.contains(offset), kinds[start + 4] <= 1,
                names.dropFirst(Int(kinds[start + 5])).contains(0)
            else { return nil }
            offsets.append(offset)
        }
        return offsets
    }

    /// Returns true if the indicators of standard and universal time are 0 or 1, and each universal one is also
    /// standard.
    private static func agree(_ standard: ArraySlice<UInt8>, _ universal: ArraySlice<UInt8>) -> Bool
    {
        guard standard.allSatisfy({ $0 <= 1 }), universal.allSatisfy({ $0 <= 1 }) else {
            return false
        }
        return universal.enumerated().allSatisfy { place, isUniversal in
            isUniversal == 0 || standard.dropFirst(place).first == 1
        }
    }

    /// Reads the text between two line feeds at the end of the file.
    private mutating func footer() -> ArraySlice<UInt8>? {
        let lineFeed = UInt8(ascii: "\n")
        guard rest.count >= 2, rest.first == lineFeed, rest.last == lineFeed else { return nil }
        let text = rest.dropFirst().dropLast()
        rest = []
        return text
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func count() -> Int? { take(4).map { $0.reduce(0) { $0 << 8 | Int($1) } } }

    /// Decodes two's complement of 4 or 8 bytes, most significant byte first.
    private static func signed(_ bytes: ArraySlice<UInt8>) -> Int64 {
        bytes.count == 4
            ? Int64(Int32(truncatingIfNeeded: bytes.reduce(0) { $0 << 8 | Int64($1) }))
            : Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
