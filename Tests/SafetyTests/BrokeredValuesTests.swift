import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

/// The recognition of registered values (docs/specs/output-safety.md, section 4, item 1).
@Suite(.requirement("R082")) struct BrokeredValuesTests {
    private static let value = #"k~1.Z_-/q+W<b>&"c\d(e)"#

    private func find(_ text: String, of values: [String]) -> [String] {
        var brokered = BrokeredValues(key: (1, 2))
        for value in values { _ = brokered.add(Array(value.utf8)) }
        let bytes = Array(text.utf8)
        var found: [String] = []
        brokered.search(bytes.span, starts: 0..<bytes.count) { match in
            let end = match.start + match.length
            found.append(String(decoding: bytes[match.start..<end], as: UTF8.self))
        }
        return found
    }

    @Test func `a short value that other text may have is known as one, in each encoding`() {
        let values = [
            ("postgres", false), ("app_user1", false), ("hunter2-old", false),
            ("administrator", false), ("kX9#vQ2!mZ7w", true), ("production-host1", true),
        ]
        for (value, isDistinct) in values {
            var brokered = BrokeredValues(key: (1, 2))
            let isRegistered = brokered.add(Array(value.utf8))
            #expect(isRegistered)
            for form in [value, String(value.reversed()), Hex.encode(Array(value.utf8))] {
                let text = Array("a \(form) b".utf8)
                var found: [Bool] = []
                brokered.search(text.span, starts: 0..<text.count) { found.append($0.isDistinct) }
                #expect(found == [isDistinct], "\(form)")
            }
        }
    }

    /// Names of hosts are in lower case.
    @Test func `a value that no text has by chance is found in lower case, a short one is not`() {
        let long = "Kept-Value-0815-Of-The-Broker"
        #expect(find("x.\(long.lowercased()).test", of: [long]) == [long.lowercased()])
        #expect(find("a \(long) b", of: [long]) == [long])
        #expect(find("a postgres b", of: ["Postgres"]).isEmpty)
    }

    private func isDistinct(_ text: String, _ values: [String]) -> [Bool] {
        var brokered = BrokeredValues(key: (1, 2))
        for value in values { _ = brokered.add(Array(value.utf8)) }
        let bytes = Array(text.utf8)
        var found: [Bool] = []
        brokered.search(bytes.span, starts: 0..<bytes.count) { found.append($0.isDistinct) }
        return found
    }

    @Test func `a value in lower case is known as one that other text may have, a host not at all`()
    {
        let name = "Production-Database-One"
        #expect(isDistinct("a \(name) b", [name]) == [true])
        #expect(isDistinct("a \(name.lowercased()) b", [name]) == [false])
        for host in ["Prod-Db.Example.com", "Prod-Db-01.eu_west.Example.ORG"] {
            #expect(isDistinct("a \(host) b", [host]) == [true])
            #expect(isDistinct("a \(host.lowercased()) b", [host]).isEmpty)
        }
        for value in ["Prod.Db.Example.C0m", "Prod Db.Example.com", "Prod..Db.Example.com"] {
            #expect(isDistinct("a \(value.lowercased()) b", [value]) == [false])
        }
        // Another value that is so in lower case counts as itself.
        let lower = name.lowercased()
        for values in [[name, lower], [lower, name]] {
            #expect(isDistinct("a \(lower) b", values) == [true])
        }
    }

    @Test func `a canary is known in lower case as itself`() throws {
        let name = try #require(PlantedValueName("decoy"))
        let value = "Decoy-Host.Main.Example.com"
        var brokered = BrokeredValues(key: (1, 2))
        let isAdded = brokered.add(PlantedValue(name: name, bytes: Array(value.utf8)))
        #expect(isAdded)
        let text = Array("a \(value.lowercased()) b".utf8)
        var found: [BrokeredValues.Match] = []
        brokered.search(text.span, starts: 0..<text.count) { found.append($0) }
        #expect(found.map(\.planted) == [name] && found.allSatisfy(\.isDistinct))
    }

    @Test func `a value that begins as another one does is found whole`() {
        let (short, long) = ("hunter22", "hunter22!Old#9x")
        for values in [[short, long], [long, short], [short, "hunter22!Old", long]] {
            #expect(find("a \(long) b", of: values) == [long])
            #expect(find("a \(short) b", of: values) == [short])
            #expect(find("a \(short)!Ol b", of: values) == [short])
        }
    }

    @Test(arguments: [
        // RFC 3986, `quote` of Python, `encodeURIComponent`, and every byte.
        "k~1.Z_-%2Fq%2BW%3Cb%3E%26%22c%5Cd%28e%29", "k~1.Z_-/q%2BW%3Cb%3E%26%22c%5Cd%28e%29",
        "k~1.Z_-%2Fq%2BW%3Cb%3E%26%22c%5Cd(e)",
        "k%7E1%2EZ%5F%2D%2Fq%2BW%3Cb%3E%26%22c%5Cd%28e%29",
    ])
    func `percent encodings are found in both cases`(encoded: String) {
        var lower = ""
        var digits = 0
        for character in encoded {
            lower += digits > 0 ? character.lowercased() : String(character)
            digits = character == "%" ? 2 : max(0, digits - 1)
        }
        #expect(lower != encoded)
        for form in [encoded, lower] { #expect(find("u=\(form)&", of: [Self.value]) == [form]) }
    }

    @Test(arguments: [
        // Python, JavaScript and Rust; PHP; Go, in both cases; and every byte.
        #"k~1.Z_-/q+W<b>&\"c\\d(e)"#, #"k~1.Z_-\/q+W<b>&\"c\\d(e)"#,
        #"k~1.Z_-/q+W\u003cb\u003e\u0026\"c\\d(e)"#, #"k~1.Z_-/q+W\u003Cb\u003E\u0026\"c\\d(e)"#,
        #"k\u007e1\u002eZ\u005f\u002d\u002fq\u002bW\u003cb\u003e\u0026\u0022c\u005cd\u0028e\u0029"#,
        #"k\u007E1\u002EZ\u005F\u002D\u002Fq\u002BW\u003Cb\u003E\u0026\u0022c\u005Cd\u0028e\u0029"#,
    ])
    func `JSON escapes of common encoders are found`(form: String) {
        #expect(find("{\"a\":\"\(form)\"}", of: [Self.value]) == [form])
    }

    @Test func `JSON escapes of control characters are found`() {
        let form = #"one\ntwo\t\b\f\r\u0001\u001f"#
        let value = "one\ntwo\t\u{08}\u{0c}\r\u{01}\u{1f}"
        #expect(find("\"\(form)\"", of: [value]) == [form])
    }
}
