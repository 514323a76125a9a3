import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockScanning

/// Texts that are made to hide a value from decoded views, or to make their search costly
/// (docs/decisions/0137-decoded-views.md).
@Suite(.requirement("R082"), .timeLimit(.minutes(5))) struct ViewEvasionTests {
    private static let brokered = "a-value-of-the-broker-0815"
    private static let password = "pa$$w0rd!!(of)the#broker"
    private static let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    private static let key =
        "-----BEGIN " + "PRIVATE KEY-----\n\(body)\n-----END " + "PRIVATE KEY-----"
    private static let compiled = Result { try CompiledRules.builtIn(hashing: OpenSSLHashing()) }

    private static func scanner() throws -> SecretScanner {
        var values = BrokeredValues(key: (3, 4))
        _ = values.add(Array(brokered.utf8))
        _ = values.add(Array(password.utf8))
        return SecretScanner(
            try compiled.get().set, values: values, hashing: OpenSSLHashing(),
            keeping: ResultSearch.mostFindings)
    }

    /// Searches the views of texts.
    private static func searched(
        _ texts: [[UInt8]], _ scanner: SecretScanner
    ) throws -> [ViewSearch] {
        let inflater = ZlibInflater()
        var all: [ViewSearch] = []
        for text in texts {
            var views = ViewSearch(.full)
            while try !views.next(in: text.span, by: scanner, inflater) {}
            all.append(views)
        }
        return all
    }

    /// Returns the text with `[gone]` for the one finding; nil if there is none, or it takes everything.
    private static func rest(of text: String, _ scanner: SecretScanner) throws -> String? {
        var bytes = Array(text.utf8)
        let findings = try searched([bytes], scanner).flatMap(\.findings)
        guard findings.count == 1, case .part(let range)? = findings.first?.extent else {
            return nil
        }
        bytes.replaceSubrange(range, with: Array("[gone]".utf8))
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: ["\u{a0}", "\u{3000}", "\u{2007}", " \u{200b}", "\u{200b} ", "&nbsp;"])
    func `a key with other spaces in its markers is found`(space: String) throws {
        let text = "a " + Self.key.split(separator: " ").joined(separator: space) + " b"
        #expect(try Self.rest(of: text, Self.scanner()) == "a [gone] b")
    }

    @Test func `characters without a width hide no body of a key`() throws {
        let key = Self.key.replacing("\n", with: " \u{200b} ")
        #expect(try Self.rest(of: "a \(key) b", Self.scanner()) == "a [gone] b")
    }

    @Test func `symbols that look like ASCII or like nothing hide no value`() throws {
        let scanner = try Self.scanner()
        let jwt =
            "eyJhbGciOiJSUzI1NiIsImtpZCI6ImstNyJ9" + "."
            + "eyJzdWIiOiJzdmMtYnVpbGQiLCJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJleHAiOjE3OTUwMDAwMDB9"
        let telegram = "7517073514:AA" + "2IxpQQdWYCWfY6MsBeyd7ZJL4qqBbW8WE"
        for (value, symbol, others) in [
            (jwt, ".", ["．", "\u{2024}", "\u{200b}.", ".\u{200b}"]),
            (telegram, ":", ["：", "\u{200b}:"]), (Self.password, "$", ["＄", "$\u{200b}"]),
            (Self.password, "!", ["！", "!\u{ad}"]), (Self.password, "#", ["＃\u{200b}"]),
        ] {
            for other in others {
                let hidden = value.replacing(symbol, with: other)
                #expect(try Self.rest(of: "a \(hidden) b", scanner) == "a [gone] b", "\(hidden)")
            }
        }
    }

    @Test func `a key in a form of the web is found, and goes to its end`() throws {
        let scanner = try Self.scanner()
        for end in ["%0A", "%0D%0A"] {
            let form = Self.key.replacing(" ", with: "+").replacing("\n", with: end)
            let rest = try Self.rest(of: "name=x&key=\(form)&more=y", scanner)
            #expect(rest == "name=x&key=[gone]&more=y")
        }
    }

    @Test(arguments: [4, 5, 12, 15, 16, 17, 40])
    func `a key in base64 is found whatever the length of lines`(width: Int) throws {
        let code = Array(TextEncoding.base64.encode(Array(Self.key.utf8)))
        let scanner = try Self.scanner()
        for first in [1, 3, 7, width] {
            var lines = [String(decoding: code.prefix(first), as: UTF8.self)]
            for start in stride(from: first, to: code.count, by: width) {
                let line = code[start..<min(start + width, code.count)]
                lines.append(String(decoding: line, as: UTF8.self))
            }
            for end in ["\n", "\r\n"] {
                let text = "a: " + lines.joined(separator: end) + " b"
                let found = try Self.searched([Array(text.utf8)], scanner)
                #expect(found.contains { !$0.findings.isEmpty }, "\(first)")
            }
        }
    }

    @Test func `packed data behind a short line are unpacked`() throws {
        let scanner = try Self.scanner()
        for encoding in TextEncoding.compressing {
            let packed = encoding.encode(Array("\(Self.brokered) and \(Self.key)".utf8))
            let code = String(decoding: TextEncoding.base64.encode(packed), as: UTF8.self)
            for before in ["", "words\n", "some words\n", "one\nline\nand\nmore\n", "x\n"] {
                let found = try Self.searched([Array((before + code).utf8)], scanner)
                #expect(found.contains { !$0.findings.isEmpty }, "\(encoding) \(before)")
            }
        }
        // Letters that are glued to the data of common programs.
        let packed = TextEncoding.zlib.encode(Array(Self.brokered.utf8))
        let code = String(decoding: TextEncoding.base64.encode(packed), as: UTF8.self)
        let found = try Self.searched([Array("data/image/\(code)".utf8)], scanner)
        #expect(found.contains { !$0.findings.isEmpty })
    }

    /// Three letters that the line before encodes would be a part of the token's word.
    @Test(arguments: ["YWJj\n", "one\nYWJj\r\n", "some words\n"])
    func `a line before an encoded token hides nothing, and stays`(before: String) throws {
        let token = "7517073514:AA" + "2IxpQQdWYCWfY6MsBeyd7ZJL4qqBbW8WE"
        let code = String(decoding: TextEncoding.base64.encode(Array(token.utf8)), as: UTF8.self)
        let rest = try Self.rest(of: before + code + " end", Self.scanner())
        #expect(rest == before + "[gone] end")
    }

    /// A view ends 4 KiB behind its last edit, and values can be longer.
    @Test(arguments: ["", "%2e", #"\u0061"#, "\u{200b}"])
    func `a value that goes on behind its view goes whole`(other: String) throws {
        let rest =
            String(repeating: "A", count: 6000) + other + String(repeating: "B", count: 9000)
        let text = "x %61\(Self.brokered.dropFirst())/\(rest) end"
        #expect(try Self.rest(of: text, Self.scanner()) == "x [gone] end")
    }

    @Test func `a layer is searched a block at a time`() throws {
        let text = TextEncoding.base64.encode([UInt8](repeating: 0x20, count: 3 << 20))
        let scanner = try Self.scanner()
        var views = ViewSearch(.full)
        let inflater = ZlibInflater()
        var turns = 1
        while try !views.next(in: text.span, by: scanner, inflater) { turns += 1 }
        #expect(turns >= (3 << 20) / ViewSearch.windowBytes)
        #expect(views.findings.isEmpty && !views.isUndecodable)
    }

    /// Each marker would be a search for its end.
    @Test func `markers of keys without an end cost one search, and take everything`() throws {
        let begin = "-----BEGIN " + "PRIVATE KEY-----\n\(Self.body)\n"
        let plain =
            String(repeating: begin, count: 200) + String(repeating: "a ", count: 100_000)
            + Self.brokered
        let text = TextEncoding.base64.encode(Array(plain.utf8))
        let scanner = try Self.scanner()
        var found: Result<[ViewSearch], any Error> = .success([])
        let steps = Steps.counted { found = Result { try Self.searched([text], scanner) } }
        let findings = try found.get().flatMap(\.findings)
        #expect(findings.map(\.extent) == [.everything, .everything])
        #expect(findings.map(\.found.secretClass) == [.privateKey, .brokered])
        #expect(steps > 0 && steps <= 2 * plain.utf8.count)
    }

    /// A text with an escape every few KiB is decoded once, not once for each of its windows.
    @Test func `a long text with some escapes is decoded`() throws {
        let piece = "line%0A" + String(repeating: "word, ", count: 600)
        let text = Array(String(repeating: piece, count: 1200).utf8)
        #expect(text.count > 4 << 20)
        let views = try Self.searched([text], Self.scanner())
        #expect(!views.contains { $0.isUndecodable || !$0.findings.isEmpty })
    }
}
