import InterlockCredentials
import InterlockModel
import InterlockTesting
import InterlockWorkspace
import Testing

/// The output of Git about the objects of a repository: which there are, what they contain, and which commit brought them.
@Suite(.requirement("R082")) struct GitObjectTests {
    private static let one = "5626abf0f72e58d7a153368ba57db4c673c0e171"
    private static let two = "f719efd430d52bcfc8566a43b2eb655688d38871"
    private static let commit = "dfd9b0ab84c9fe3251010f9a8ad155a79104c99b"

    private func id(_ text: String) throws -> ObjectID {
        try #require(ObjectID(Array(text.utf8)[...], .sha1))
    }

    private func list(_ text: String, _ format: ObjectFormat = .sha1) throws -> [ListedBlob] {
        var list = ObjectList(format)
        let bytes = Array(text.utf8)
        try list.take(bytes.span)
        return try list.finish()
    }

    /// The contents that are read from an output in parts of `step` bytes.
    private func read(
        _ blobs: [ListedBlob], _ output: String, step: Int
    ) throws -> [String] {
        var stream = ObjectStream(blobs, .sha1)
        var contents: [[UInt8]] = []
        let bytes = Array(output.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = bytes.span.extracting(start..<min(start + step, bytes.count))
            try stream.take(part) { event, part in
                switch event {
                case .begin: contents.append([])
                case .content:
                    for index in part.indices { contents[contents.count - 1].append(part[index]) }
                case .end: break
                }
            }
        }
        try stream.finish()
        return contents.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `a name has one form`() throws {
        #expect(try id(Self.one).hex(.sha1) == Self.one)
        #expect(try id(Self.one).short == "5626abf0f72e")
        #expect(ObjectID(Array(Self.one.uppercased().utf8)[...], .sha1) == nil)
        #expect(ObjectID(Array(Self.one.utf8)[...], .sha256) == nil)
        let long = String(repeating: "0a", count: 32)
        #expect(ObjectID(Array(long.utf8)[...], .sha256)?.hex(.sha256) == long)
    }

    @Test func `file contents are listed with their sizes, and other objects are not`() throws {
        let blobs = try list(
            "blob \(Self.one) 4\ntree \(Self.two) 9\ncommit \(Self.commit) 1\nblob \(Self.two) 0\n")
        #expect(
            blobs == [
                ListedBlob(id: try id(Self.one), size: 4),
                ListedBlob(id: try id(Self.two), size: 0),
            ])
    }

    @Test(arguments: [
        "\(one) missing\n", "blob \(one) 4", "blob \(one)\n", "blob \(one) -4\n",
        "blob \(one) 4 \n",
        "blob \(one) 9999999999999999\n", "file \(one) 4\n", "blob \(one.dropLast()) 4\n", "\n",
    ])
    func `a line of another form is refused`(text: String) {
        #expect(throws: ObjectFault.line) { try list(text) }
    }

    @Test(arguments: [1, 2, 7, 1000])
    func `contents are read however the output is cut`(step: Int) throws {
        let blobs = try list("blob \(Self.one) 4\nblob \(Self.two) 0\nblob \(Self.commit) 3\n")
        let output =
            "\(Self.one) blob 4\na\nb\n\n\(Self.two) blob 0\n\n\(Self.commit) blob 3\nxyz\n"
        #expect(try read(blobs, output, step: step) == ["a\nb\n", "", "xyz"])
    }

    @Test(arguments: [
        "\(one) missing\n", "\(two) blob 4\nabcd\n", "\(one) blob 5\nabcde\n",
        "\(one) tree 4\nabcd\n",
        "\(one) blob 4\nabcde", "\(one) blob 4\nabc", "\(one) blob 4\nabcd\n\n", "",
    ])
    func `contents that were not asked for, or are not whole, are refused`(output: String) throws {
        let blobs = try list("blob \(Self.one) 4\n")
        #expect(throws: ObjectFault.order) { try read(blobs, output, step: 1000) }
    }

    @Test func `the first commit and path of a content are its name`() throws {
        var names = ObjectNames(of: [try id(Self.one), try id(Self.two)], .sha1)
        let text = """
            \(Self.commit)
            \(Self.two.reversed().map(String.init).joined().replacing("f", with: "0"))\u{20}
            \(Self.one) a b/c
            \(Self.two)
            \(Self.one) later

            """
        let bytes = Array(text.utf8)
        try names.take(bytes.span)
        let (one, commit) = (try id(Self.one), try id(Self.commit))
        let name = try #require(names.names[one])
        #expect(name.commit == commit && name.path == Array("a b/c".utf8))
        #expect(names.names.count == 1)
    }

    @Test func `what was clean is known until the scanner changes`() throws {
        let hashing = OpenSSLHashing()
        let (first, other) = (Digest(words: (1, 0, 0, 0)), Digest(words: (2, 0, 0, 0)))
        var clean = CleanObjects(scanner: first, hashing: hashing)
        let (one, two, commit) = (try id(Self.one), try id(Self.two), try id(Self.commit))
        clean.add(one)
        clean.add(two)
        let bytes = clean.bytes(hashing: hashing)
        func known(
            _ bytes: [UInt8], _ scanner: Digest, asked: [ObjectID]
        ) -> (known: [Bool], bytes: [UInt8]) {
            var clean = CleanObjects(bytes, scanner: scanner, hashing: hashing)
            let known = asked.map { clean.contains($0) }
            return (known, clean.bytes(hashing: hashing))
        }
        let later = known(bytes, first, asked: [one, commit])
        #expect(later.known == [true, false])
        // Names that are no longer asked for are dropped.
        #expect(known(later.bytes, first, asked: [one, two]).known == [true, false])
        #expect(known(bytes, other, asked: [one, two]).known == [false, false])
        var bent = bytes
        bent[40] ^= 1
        for text in [bent, bytes.dropLast(), []] {
            #expect(known(text, first, asked: [one, two]).known == [false, false])
        }
    }
}

/// The folders of a tree in which Git finds objects.
@Suite(.requirement("R082")) struct ObjectStoreTests {
    private static let loose = String(repeating: "a", count: 38)
    private static let pack = "pack-" + String(repeating: "0", count: 40)

    private func tree(_ files: [String]) throws -> TreeListing {
        let file = TreeNode.file(
            size: 1, mode: 0o644, digest: Digest(words: (0, 0, 0, 0)), hasAttributes: false)
        var entries: [TreeEntry] = []
        for name in files {
            entries.append(TreeEntry(try #require(WorkspacePath(Array(name.utf8))), file))
        }
        return try #require(TreeListing(entries))
    }

    private func stores(_ files: [String]) throws -> [String] {
        try ObjectStore.stores(in: try tree(files)).map {
            "\($0.folder.escaped) \($0.format.rawValue) \($0.shown(Array("a/b".utf8)))"
        }
    }

    @Test func `they are found under any name, and what only looks alike is none`() throws {
        #expect(
            try stores([
                ".git/objects/ab/\(Self.loose)", ".git/modules/lib/objects/pack/\(Self.pack).idx",
                "vendor/x/.git/objects/pack/\(Self.pack).pack", "vendor/x/.git/HEAD",
                "bare.git/objects/pack/odd.idx", "store/cd/\(Self.loose)",
                "new/.git/objects/ab/\(Self.loose)\(String(repeating: "b", count: 24))",
                "pack/data.idx", "ab/\(Self.loose)f", "xy/\(Self.loose)", Self.loose,
            ]) == [
                ".git/modules/lib/objects sha1 .git/modules/lib/a/b", ".git/objects sha1 a/b",
                "bare.git/objects sha1 bare.git/a/b", "new/.git/objects sha256 new/a/b",
                "store sha1 store/a/b", "vendor/x/.git/objects sha1 vendor/x/a/b",
            ])
    }

    @Test func `names of two formats, and too many repositories, are refused`() throws {
        let long = Self.loose + String(repeating: "b", count: 24)
        #expect(throws: ObjectStore.Fault.self) {
            try stores([".git/objects/ab/\(Self.loose)", ".git/objects/cd/\(long)"])
        }
        #expect(throws: ObjectStore.Fault.tooMany) {
            try stores((0...ObjectStore.most).map { "r\($0)/.git/objects/ab/\(Self.loose)" })
        }
    }
}
