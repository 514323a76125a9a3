import InterlockJSON

/// A zip archive in its plain form (PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16): one disk, no zip64, no
/// encryption, no comment, sizes in the headers. The directory counts, and each header must agree with it.
package struct ZipArchive: Sendable {
    package struct Entry: Sendable, Hashable {
        package let name: String
        /// The unpacked size in bytes.
        package let size: Int
        let packed: Range<Int>
        /// The bytes of the header and the data.
        let extent: Range<Int>
        let crc: UInt32
        let isDeflated: Bool
    }

    /// Limits: docs/specs/evals.md, section 8.
    package static let mostEntries = 1000
    package static let mostUnpacked = 256 << 20
    package static let mostRatio = 100
    /// The first bytes of an archive: the signature of a header.
    package static let signature: [UInt8] = [0x50, 0x4b, 0x03, 0x04]

    /// The entries, in the order of the directory.
    package let entries: [Entry]
    private let bytes: [UInt8]

    package init(parsing bytes: [UInt8]) throws(ZipError) {
        let reader = ZipReader(bytes: bytes)
        let end = try reader.end()
        var entries: [Entry] = []
        var names: Set<ExactText> = []
        var total = 0
        var place = end.directory.lowerBound
        for _ in 0..<end.count {
            let (entry, next) = try reader.entry(at: place, in: end.directory)
            guard names.insert(ExactText(entry.name)).inserted else {
                throw .duplicate(entry.name)
            }
            total += entry.size
            guard total <= Self.mostUnpacked else { throw .tooLarge }
            entries.append(entry)
            place = next
        }
        guard place == end.directory.upperBound else {
            throw .form("a directory of another size than it states")
        }
        // Entries that share bytes can unpack to far more than the archive has.
        let sorted = entries.sorted { $0.extent.lowerBound < $1.extent.lowerBound }
        for (one, next) in zip(sorted, sorted.dropFirst())
        where one.extent.upperBound > next.extent.lowerBound {
            throw .overlap(next.name)
        }
        self.entries = entries
        self.bytes = bytes
    }

    package func entry(named name: String) -> Entry? {
        entries.first { sameBytes($0.name, name) }
    }

    /// Returns the unpacked bytes of an entry, of its size and its checksum.
    ///
    /// - Parameter inflate: unpacks raw deflate data (RFC 1951) to at most so many bytes; nil for less than whole data
    ///   and for more bytes.
    package func contents(
        of entry: Entry, inflate: (ArraySlice<UInt8>, Int) -> [UInt8]?
    ) throws(ZipError) -> [UInt8] {
        var contents: [UInt8] = []
        if entry.isDeflated, entry.size > 0 {
            contents = inflate(bytes[entry.packed], entry.size) ?? []
        } else if !entry.isDeflated {
            contents = Array(bytes[entry.packed])
        }
        guard contents.count == entry.size, CRC32.of(contents) == entry.crc else {
            throw .damaged(entry.name)
        }
        return contents
    }
}

/// The fixed parts of an archive.
private struct ZipReader {
    let bytes: [UInt8]

    struct End {
        let count: Int
        let directory: Range<Int>
    }

    private static let endSize = 22
    private static let directorySize = 46
    private static let headerSize = 30
    /// The value of 32-bit fields whose true value is in a zip64 field.
    private static let elsewhere = 0xffff_ffff
    /// Options of deflate, and names in UTF-8. Others change where sizes, names or data are.
    private static let knownFlags = 0x0806

    func end() throws(ZipError) -> End {
        let place = bytes.count - Self.endSize
        guard place >= 0, long(place) == 0x0605_4b50, short(place + 20) == 0 else { throw .noEnd }
        let count = short(place + 10)
        let size = long(place + 12)
        let offset = long(place + 16)
        guard count != 0xffff, size != Self.elsewhere, offset != Self.elsewhere else {
            throw .form("zip64 fields")
        }
        guard short(place + 4) == 0, short(place + 6) == 0, short(place + 8) == count else {
            throw .form("several disks")
        }
        guard count <= ZipArchive.mostEntries else { throw .tooManyEntries(count) }
        guard offset + size == place else {
            throw .form("a directory that does not stand before its end")
        }
        return End(count: count, directory: offset..<place)
    }

    /// Reads an entry of the directory, with the place of the next one.
    func entry(
        at place: Int, in directory: Range<Int>
    ) throws(ZipError) -> (ZipArchive.Entry, Int) {
        guard place + Self.directorySize <= directory.upperBound, long(place) == 0x0201_4b50
        else { throw .form("a damaged directory") }
        let nameEnd = place + Self.directorySize + short(place + 28)
        let next = nameEnd + short(place + 30) + short(place + 32)
        guard next <= directory.upperBound else { throw .form("a damaged directory") }
        let name = try path(place + Self.directorySize..<nameEnd)
        let flags = short(place + 8)
        let method = short(place + 10)
        let packed = long(place + 20)
        let size = long(place + 24)
        let header = long(place + 42)
        guard flags & 1 == 0 else { throw .encrypted(name) }
        guard flags & ~Self.knownFlags == 0 else {
            throw .form("an entry with flags \(flags), `\(name)`")
        }
        guard packed != Self.elsewhere, size != Self.elsewhere, header != Self.elsewhere else {
            throw .form("zip64 fields")
        }
        guard method != 93 else { throw .zstandard(name) }
        guard method == 0 || method == 8 else { throw .method(name, method) }
        guard method == 8 || packed == size else { throw .disagree(name) }
        guard size <= ZipArchive.mostUnpacked else { throw .tooLarge }
        guard size <= ZipArchive.mostRatio * packed else { throw .ratio(name) }
        let start = try data(
            header, agreesWith: place, name: place + Self.directorySize..<nameEnd,
            before: directory.lowerBound, shown: name)
        guard start + packed <= directory.lowerBound else { throw .disagree(name) }
        let entry = ZipArchive.Entry(
            name: name, size: size, packed: start..<start + packed,
            extent: header..<start + packed,
            crc: UInt32(long(place + 16)), isDeflated: method == 8)
        return (entry, next)
    }

    /// The place of an entry's data, whose header must have the flags, method, checksum, sizes and name of the
    /// directory.
    private func data(
        _ header: Int, agreesWith place: Int, name: Range<Int>, before end: Int, shown: String
    ) throws(ZipError) -> Int {
        guard header + Self.headerSize <= end, long(header) == 0x0403_4b50,
            short(header + 6) == short(place + 8), short(header + 8) == short(place + 10),
            long(header + 14) == long(place + 16), long(header + 18) == long(place + 20),
            long(header + 22) == long(place + 24)
        else { throw .disagree(shown) }
        let start = header + Self.headerSize
        let nameEnd = start + short(header + 26)
        guard nameEnd <= end, bytes[start..<nameEnd].elementsEqual(bytes[name]) else {
            throw .disagree(shown)
        }
        return nameEnd + short(header + 28)
    }

    /// A path of names, none of which is empty, `.` or `..`, without control characters and backslashes.
    private func path(_ range: Range<Int>) throws(ZipError) -> String {
        let raw = bytes[range]
        let shown = String(decoding: raw, as: UTF8.self)
        guard let name = String(validating: raw, as: UTF8.self),
            raw.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") })
        else { throw .name(shown) }
        for part in raw.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard !part.isEmpty, !part.elementsEqual([UInt8(ascii: ".")]),
                !part.elementsEqual([UInt8(ascii: "."), UInt8(ascii: ".")])
            else { throw .name(shown) }
        }
        return name
    }

    /// - Precondition: the two bytes at `place` are there.
    private func short(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }

    /// - Precondition: the four bytes at `place` are there.
    private func long(_ place: Int) -> Int { short(place) | short(place + 2) << 16 }
}
