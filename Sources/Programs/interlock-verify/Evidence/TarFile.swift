/// An archive in exactly the form of docs/auditing.md, section 9: each archive has one representation, so nothing can
/// hide in parts that readers skip.
struct TarFile {
    struct Entry {
        let name: String
        /// The range of the content in the archive.
        let range: Range<Int>
    }

    let entries: [Entry]
    private let file: OpenFile

    static let block = 512
    static let maximumEntries = 1 << 17
    /// The most content bytes, limited by eleven octal digits.
    static let maximumContent = 1 << 33

    init(_ path: String) throws(Refusal) {
        file = try OpenFile.required(path)
        entries = try TarFile.entries(file)
    }

    func contents(_ entry: Entry, limit: Int) throws(Refusal) -> [UInt8] {
        guard entry.range.count <= limit else {
            throw Refusal(.malformed, "`\(entry.name)` is larger than \(limit) bytes")
        }
        return try file.read(at: entry.range.lowerBound, count: entry.range.count)
    }

    private static func entries(_ file: OpenFile) throws(Refusal) -> [Entry] {
        let malformed = Refusal(.malformed, "`\(file.path)` is no evidence bundle")
        var entries: [Entry] = []
        var place = 0
        while file.count - place > 2 * block {
            let start = place + block
            guard let (name, size) = fields(try file.read(at: place, count: block)),
                entries.count < maximumEntries, size <= file.count - start - 2 * block
            else { throw malformed }
            entries.append(Entry(name: name, range: start..<start + size))
            place = (start + size + block - 1) / block * block
            let padding = try file.read(at: start + size, count: place - start - size)
            guard padding.allSatisfy({ $0 == 0 }) else { throw malformed }
        }
        guard file.count - place == 2 * block,
            try file.read(at: place, count: 2 * block).allSatisfy({ $0 == 0 })
        else { throw malformed }
        return entries
    }

    /// - Returns: nil unless the header is, byte for byte, the canonical one for its name and size.
    static func fields(_ header: [UInt8]) -> (name: String, size: Int)? {
        guard header.count == block else { return nil }
        let name = header.prefix(100).prefix { $0 != 0 }
        guard !name.isEmpty, name.count < 100, name.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            let size = Int(String(decoding: header[124..<135], as: UTF8.self), radix: 8),
            (0...maximumContent).contains(size)
        else { return nil }
        return header == self.header(Array(name), size)
            ? (String(decoding: name, as: UTF8.self), size) : nil
    }

    private static func header(_ name: [UInt8], _ size: Int) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: block)
        func put(_ bytes: some Collection<UInt8>, at place: Int) {
            header.replaceSubrange(place..<place + bytes.count, with: bytes)
        }
        put(name, at: 0)
        put("0000644".utf8, at: 100)
        put("0000000".utf8, at: 108)
        put("0000000".utf8, at: 116)
        put(digits(size, 11), at: 124)
        put("00000000000".utf8, at: 136)
        put("        ".utf8, at: 148)
        put("0".utf8, at: 156)
        put("ustar\0".utf8, at: 257)
        put("00".utf8, at: 263)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(digits(sum, 6) + [0, UInt8(ascii: " ")], at: 148)
        return header
    }

    private static func digits(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(ascii: "0") + UInt8(value >> (3 * $0) & 7) }
    }
}
