import InterlockScanning
import Testing

@testable import InterlockEvals

/// Archives of other eval tools, in their plain form alone (docs/specs/evals.md, section 8).
struct ZipArchiveTests {
    private let one = ZipFixture("samples/a.json", "one and one and one")

    private func read(_ bytes: [UInt8], _ name: String) throws -> [UInt8] {
        let archive = try ZipArchive(parsing: bytes)
        let entry = try #require(archive.entry(named: name))
        let inflater = ZlibInflater()
        return try archive.contents(of: entry) { inflater.whole($0, most: $1) }
    }

    @Test func `stored and deflated entries are read`() throws {
        let two = ZipFixture("b b ..json", "two").deflated
        let empty = ZipFixture("empty", "")
        let bytes = ZipFixture.archive([one, two, empty])
        #expect(try read(bytes, "samples/a.json") == one.contents)
        #expect(try read(bytes, "b b ..json") == two.contents)
        #expect(try read(bytes, "empty") == [])
        let archive = try ZipArchive(parsing: bytes)
        #expect(archive.entries.map(\.name) == ["samples/a.json", "b b ..json", "empty"])
        #expect(archive.entry(named: "samples") == nil)
        #expect(try ZipArchive(parsing: ZipFixture.archive([])).entries.isEmpty)
    }

    @Test func `the checksum is that of zip`() {
        #expect(CRC32.of(Array("123456789".utf8)) == 0xcbf4_3926)
        #expect(CRC32.of([]) == 0)
    }

    /// Each cut, so that no place of an archive is read that is not there.
    @Test func `a truncated archive is refused`() {
        let bytes = ZipFixture.archive([one, ZipFixture("b", "two").deflated])
        for count in 0..<bytes.count {
            #expect(throws: ZipError.self) { try ZipArchive(parsing: Array(bytes[..<count])) }
        }
        #expect(throws: ZipError.noEnd) { try ZipArchive(parsing: bytes + [0]) }
    }

    /// Each changed byte: the archive is refused, its content is damaged, or nothing that counts has changed.
    @Test func `an archive with a changed byte never has other contents`() throws {
        let bytes = ZipFixture.archive([one, ZipFixture("b", "two").deflated])
        let inflater = ZlibInflater()
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x55
            guard let archive = try? ZipArchive(parsing: changed) else { continue }
            for entry in archive.entries {
                let contents = try? archive.contents(of: entry) { inflater.whole($0, most: $1) }
                guard let contents else { continue }
                #expect(
                    contents == one.contents || contents == Array("two".utf8), "byte \(place)")
            }
        }
    }

    @Test(arguments: [
        "../a", "a/../b", "a/..", "..", ".", "./a", "/a", "a//b", "a/", "", "a\\b", "a\nb",
        "a\u{7f}",
    ])
    func `a name that is no path inside the archive is refused`(_ name: String) {
        #expect(throws: ZipError.name(name)) {
            try ZipArchive(parsing: ZipFixture.archive([ZipFixture(name, "x")]))
        }
    }

    @Test func `one name twice is refused`() {
        #expect(throws: ZipError.duplicate("a")) {
            try ZipArchive(
                parsing: ZipFixture.archive([ZipFixture("a", "x"), ZipFixture("a", "y")]))
        }
    }

    @Test func `an archive above a limit is refused before anything is unpacked`() {
        let many = (0...ZipArchive.mostEntries).map { ZipFixture("\($0)", "") }
        #expect(throws: ZipError.tooManyEntries(1001)) {
            try ZipArchive(parsing: ZipFixture.archive(many))
        }
        let bomb = ZipFixture("a", "x").deflated.with { $0.size = 100 * 6 + 1 }
        #expect(throws: ZipError.ratio("a")) { try ZipArchive(parsing: ZipFixture.archive([bomb])) }
        let most = bomb.with { $0.size = 100 * 6 }
        #expect((try? ZipArchive(parsing: ZipFixture.archive([most]))) != nil)
        let large = bomb.with { $0.size = ZipArchive.mostUnpacked + 1 }
        #expect(throws: ZipError.tooLarge) {
            try ZipArchive(parsing: ZipFixture.archive([large]))
        }
    }

    @Test func `all entries together are limited`() {
        let half = [UInt8](repeating: 0, count: (ZipArchive.mostUnpacked / 100 + 1) / 2)
        let entries = (0..<3).map { number in
            ZipFixture("\(number)", "").with {
                $0.method = 8
                $0.packed = half
                $0.size = half.count * 100
            }
        }
        #expect(throws: ZipError.tooLarge) {
            try ZipArchive(parsing: ZipFixture.archive(entries))
        }
    }

    @Test func `data of another size or checksum than stated are refused`() {
        for (stated, changed) in [
            ("less", one.deflated.with { $0.size = 5 }),
            ("more", one.deflated.with { $0.size = 30 }),
            ("checksum", one.with { $0.crc = 1 }),
            ("no deflate", one.with { $0.method = 8 }),
            (
                "cut",
                one.deflated.with { $0.packed = $0.packed.map { Array($0.dropLast()) } }
            ),
        ] {
            #expect(throws: ZipError.damaged("samples/a.json"), "\(stated)") {
                try read(ZipFixture.archive([changed]), "samples/a.json")
            }
        }
    }

    @Test func `headers that disagree with the directory are refused`() {
        for (stated, changed) in [
            ("size", one.with { $0.headerSize = 1 }), ("name", one.with { $0.headerName = "b" }),
            ("stored size", one.with { $0.size = 1 }), ("place", one.with { $0.offset = 3 }),
            ("place behind the end", one.with { $0.offset = 1 << 20 }),
        ] {
            #expect(throws: ZipError.disagree("samples/a.json"), "\(stated)") {
                try ZipArchive(parsing: ZipFixture.archive([changed]))
            }
        }
    }

    @Test func `entries that share bytes are refused`() {
        let inner = ZipFixture.archive([one])
        let outer = ZipFixture("samples/b.json", inner)
        let header = 30 + "samples/b.json".utf8.count
        let bytes = ZipFixture.archive([outer, one.with { $0.offset = header }])
        #expect(throws: ZipError.overlap("samples/a.json")) { try ZipArchive(parsing: bytes) }
    }

    @Test func `a header within the data of another entry is an overlap`() {
        let start = ZipFixture.archive([one]).prefix(30 + "samples/a.json".utf8.count)
        let outer = ZipFixture("samples/b.json", Array(start))
        let offset = 30 + "samples/b.json".utf8.count
        let bytes = ZipFixture.archive([outer, one.with { $0.offset = offset }])
        #expect(throws: ZipError.overlap("samples/a.json")) { try ZipArchive(parsing: bytes) }
    }

    @Test func `forms that are not read are refused by name`() {
        #expect(throws: ZipError.encrypted("samples/a.json")) {
            try ZipArchive(parsing: ZipFixture.archive([one.with { $0.flags = 1 }]))
        }
        #expect(throws: ZipError.zstandard("samples/a.json")) {
            try ZipArchive(parsing: ZipFixture.archive([one.with { $0.method = 93 }]))
        }
        #expect(throws: ZipError.method("samples/a.json", 14)) {
            try ZipArchive(parsing: ZipFixture.archive([one.with { $0.method = 14 }]))
        }
        // Sizes behind the data, and encrypted headers.
        for flags in [8, 1 << 6, 1 << 13] {
            #expect(throws: ZipError.self) {
                try ZipArchive(parsing: ZipFixture.archive([one.with { $0.flags = flags }]))
            }
        }
        // Deflate options and UTF-8 names.
        #expect(
            (try? ZipArchive(parsing: ZipFixture.archive([one.with { $0.flags = 0x0806 }]))) != nil)
        let zip64 = ZipFixture.archive([one]) { end in
            for place in 12..<16 { end[place] = 0xff }
        }
        #expect(throws: ZipError.form("zip64 fields")) { try ZipArchive(parsing: zip64) }
        let disks = ZipFixture.archive([one]) { $0[4] = 1 }
        #expect(throws: ZipError.form("several disks")) { try ZipArchive(parsing: disks) }
        let comment = ZipFixture.archive([one]) { $0[20] = 1 }
        #expect(throws: ZipError.noEnd) { try ZipArchive(parsing: comment + [0]) }
        let before = [0x23] + ZipFixture.archive([one])
        #expect(throws: ZipError.self) { try ZipArchive(parsing: before) }
    }
}
