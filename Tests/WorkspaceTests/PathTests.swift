import InterlockTesting
import InterlockWorkspace
import Testing

/// Names are bytes that an agent chose: each has one printed form, and each form is one name.
struct PathTests {
    @Test(
        arguments: [
            ([0x61], "a"), ([0x61, 0x2f, 0xff], "a/\\xff"), ([0x1b, 0x5b, 0x6d], "\\x1b[m"),
            ([0x5c, 0x78, 0x36, 0x31], "\\\\x61"), ([0xc3, 0xa9], "é"),
            ([0xe2, 0x80, 0xae, 0x61], "\\xe2\\x80\\xaea"), ([0x0a], "\\x0a"), ([0x20], " "),
            ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
        ] as [([UInt8], String)])
    func `a name is printed escaped and read again`(_ bytes: [UInt8], _ text: String) throws {
        let path = try #require(WorkspacePath(bytes))
        #expect(path.escaped == text)
        #expect(WorkspacePath(escaped: text) == path)
    }

    @Test(arguments: [
        "", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "\\x61", "\\", "\\x6", "\\xFF",
        "\\y", "a\u{1b}", "\\x00", "a\\x2fb\\",
    ])
    func `a text that is no form of a path is refused`(_ text: String) {
        #expect(WorkspacePath(escaped: text) == nil)
    }

    @Test func `a path and its names have a greatest length`() {
        let name = [UInt8](repeating: 0x61, count: 255)
        #expect(WorkspacePath(name) != nil)
        #expect(WorkspacePath(name + [0x61]) == nil)
        let long = Array([[UInt8]](repeating: name, count: 16).joined(separator: [0x2f]))
        #expect(long.count == 4095)
        #expect(WorkspacePath(long) != nil)
        #expect(WorkspacePath(long)?.appending([0x61]) == nil)
        #expect(WorkspacePath.root.appending(name)?.bytes == name)
        #expect(path("a").appending("..".utf8) == nil)
    }

    @Test func `what is below a directory follows it directly`() {
        let names = ["a.c", "a/b", "a", "a/b/c", "a b", "a/b.c", "b"]
        #expect(
            names.map(path).sorted().map(\.escaped)
                == ["a", "a/b", "a/b/c", "a/b.c", "a b", "a.c", "b"])
        #expect(path("a").contains(path("a/b")))
        #expect(path("a").contains(path("a")))
        #expect(!path("a").contains(path("a.c")))
        #expect(!path("a/b").contains(path("a")))
        #expect(path("a/b/c").ancestors.map(\.escaped) == ["a/b", "a"])
        #expect(path("a/b").name.elementsEqual("b".utf8))
        #expect(path("a").parent.isRoot)
    }

    @Test func `random bytes keep their form`() {
        var chance = SeededGenerator.announced()
        let alphabet: [UInt8] = [0x61, 0x2f, 0x5c, 0x78, 0xc3, 0xa9, 0x1b, 0xff, 0xe2, 0x80, 0xae]
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<12, using: &chance)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &chance) ?? 0 }
            let text = EscapedBytes.text(bytes)
            #expect(EscapedBytes.bytes(text) == bytes)
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
        }
    }
}

struct HiddenNamesTests {
    private static let patterns = [".env*", "*.pem", "*.key", "id_rsa*", ".ssh", "notes?"]

    @Test(arguments: [
        ".env", ".env.local", "server.PEM", "a.key", "id_rsa", "ID_RSA.bak", ".ssh", ".SSH",
        "notes1",
    ])
    func `names match in any case`(_ name: String) throws {
        #expect(try HiddenNames(Self.patterns).hides(Array(name.utf8)[...]))
    }

    @Test(arguments: ["env", "a.env", "pem", "key.txt", "rsa", "ssh", "notes", "notes12"])
    func `other names are shown`(_ name: String) throws {
        #expect(try !HiddenNames(Self.patterns).hides(Array(name.utf8)[...]))
        #expect(try HiddenNames([]).patterns.isEmpty)
    }

    @Test(arguments: ["", "a/b", ".", "..", "/", "[Aa]*", "\\*", "{a,b}"])
    func `a pattern that cannot be a name, or means more to a shell, is refused`(_ text: String) {
        #expect(throws: HiddenNames.PatternError.invalid(text)) { try HiddenNames([text]) }
    }

    @Test func `a pattern takes no more than the product of the lengths`() {
        let pattern = NamePattern(String(repeating: "*a", count: 120))
        let name = [UInt8](repeating: 0x61, count: 254) + [0x62]
        #expect(pattern?.matches(name[...]) == false)
    }
}
