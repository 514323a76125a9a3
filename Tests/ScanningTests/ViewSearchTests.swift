import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockScanning

/// The search of decoded views (docs/specs/output-safety.md, sections 3, 4 and 10).
@Suite(.requirement("R082"), .timeLimit(.minutes(5))) struct ViewSearchTests {
    private static let token = "npm_" + "SGqkyjpNizqqCaiyuc7T5QAQY929dU0HjtjN"
    private static let brokered = "a-value-of-the-broker-0815"
    private static let key =
        "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END "
        + "PRIVATE KEY-----"
    private static let compiled = Result { try CompiledRules.builtIn(hashing: OpenSSLHashing()) }

    private static func search() throws -> ResultSearch {
        ResultSearch(
            try compiled.get(),
            for: BrokerValueReader(on: globalConcurrentExecutor) { (_) throws(ScanFailure) in
                var values = BrokeredValues(key: (3, 4))
                _ = values.add(Array(brokered.utf8))
                return (values, [0])
            }, hashing: OpenSSLHashing(), on: globalConcurrentExecutor, most: 8)
    }

    private static func found(_ inspection: ResultInspection) -> [ResultFinding] {
        if case .found(let findings, _, _) = inspection { findings } else { [] }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Replaces what was found; nil if something is not within its text.
    private static func without(_ findings: [ResultFinding], _ text: String) -> String? {
        var bytes = Array(text.utf8)
        for finding in findings.reversed() {
            guard case .part(0, let range) = finding.extent else { return nil }
            bytes.replaceSubrange(range.clamped(to: 0..<bytes.count), with: Array("[gone]".utf8))
        }
        return Self.text(bytes)
    }

    /// Two encodings, the inner one first; a compressed value is encoded as text once more.
    private static let pairs: [(TextEncoding?, TextEncoding)] = {
        var pairs: [(TextEncoding?, TextEncoding)] = []
        for outer in TextEncoding.texts {
            pairs.append((nil, outer))
            for inner in TextEncoding.texts { pairs.append((inner, outer)) }
        }
        for inner in TextEncoding.compressing {
            for outer in [TextEncoding.base64, .base64url, .hexadecimal] {
                pairs.append((inner, outer))
            }
        }
        for inner in [TextEncoding.gzip, .zlib] {
            pairs.append((inner, .shiftedBase64))
            pairs.append((inner, .percent))
        }
        return pairs
    }()

    @Test func `each value is found in each encoding of each encoding, and goes with its run`()
        async throws
    {
        var chance = SeededGenerator.announced()
        let search = try Self.search()
        for value in [Self.token, Self.brokered, Self.key] {
            for (inner, outer) in Self.pairs {
                let bytes = Array(value.utf8)
                let encoded = Self.text(outer.encode(inner?.encode(bytes) ?? bytes))
                let before = String(repeating: "word ", count: .random(in: 0...40, using: &chance))
                let text = before + encoded + " after"
                let name = "\(value.prefix(10)) in \(inner?.rawValue ?? "none") in \(outer)"
                let findings = Self.found(await search.inspect([text]))
                #expect(!findings.isEmpty, "\(name)")
                let rest = try #require(Self.without(findings, text), "\(name)")
                #expect(await search.inspect([rest]).isClean, "\(name)")
                #expect(rest.hasPrefix(before), "\(name)")
                // Escapes continue over plain text, which is replaced with what they hide.
                let isEscaped = outer == .percent || outer == .somePercent
                #expect(isEscaped || rest.hasSuffix(" after"), "\(name)")
            }
        }
    }

    /// The value begins at each of three bits of its first character, whatever is before it.
    @Test func `each alignment of base64 is found, and the whole run goes`() async throws {
        let search = try Self.search()
        for before in 0..<8 {
            for behind in 0..<4 {
                let plain =
                    String(repeating: "é", count: before) + Self.token
                    + String(repeating: "z", count: behind) + " end"
                for glued in ["", "a", "ab", "abc", "abcd+/"] {
                    let run = glued + Base64.encode(Array(plain.utf8))
                    let findings = Self.found(await search.inspect(["x " + run + " y"]))
                    let isWord = behind > 0
                    // Letters behind the token make it another word.
                    #expect(findings.isEmpty == isWord, "\(before) \(behind) \(glued)")
                    guard !isWord else { continue }
                    #expect(
                        findings.map(\.extent) == [.part(text: 0, bytes: 2..<2 + run.utf8.count)])
                }
            }
        }
    }

    @Test func `an encoded value is found wherever a window ends`() async throws {
        let search = try Self.search()
        for encoding in [TextEncoding.base64, .hexadecimal, .percent] {
            let encoded = Self.text(encoding.encode(Array(Self.token.utf8)))
            let count = encoded.utf8.count
            for end in [ViewSearch.windowBytes, 2 * ViewSearch.windowBytes] {
                for start in [end - count, end - count / 2, end - 2, end - 1, end, end + 1] {
                    let text = String(repeating: " ", count: start) + encoded + " end"
                    #expect(
                        Self.found(await search.inspect([text])).map(\.extent)
                            == [.part(text: 0, bytes: start..<start + count)],
                        "\(encoding) \(start)")
                }
            }
        }
    }

    @Test func `more encoded values than are kept take everything`() async throws {
        let search = try Self.search()
        let encoded = Self.text(TextEncoding.base64.encode(Array(Self.token.utf8)))
        let text = String(repeating: encoded + " ", count: ResultSearch.mostFindings + 1)
        #expect(Self.found(await search.inspect([text])).map(\.extent) == [.everywhere])
    }

    @Test func `base64 in lines is found, also if its lines are a list`() async throws {
        let search = try Self.search()
        let plain = String(repeating: "some text, ", count: 20) + Self.token + " and more"
        let code = Array(Base64.encode(Array(plain.utf8)).utf8)
        let lines = stride(from: 0, to: code.count, by: 76).map {
            Self.text(Array(code[$0..<min($0 + 76, code.count)]))
        }
        for end in ["\n", "\r\n"] {
            let text = "x\n" + lines.joined(separator: end) + "\ny z"
            let findings = Self.found(await search.inspect([text]))
            let rest = try #require(Self.without(findings, text))
            #expect(!findings.isEmpty && rest.hasPrefix("x\n") && rest.hasSuffix("y z"))
            #expect(await search.inspect([rest]).isClean)
        }
        #expect(!Self.found(await search.inspect(lines)).isEmpty)
    }

    @Test(arguments: [
        // Full width, mathematical letters, Cyrillic and Greek look-alikes.
        "ｎｐｍ＿", "𝐧𝐩𝐦_", "n\u{440}m_", "\u{ff4e}\u{440}m\u{ff3f}",
        // Characters without a width: spaces, joiners, tags, selectors, a soft hyphen.
        "n\u{200b}pm_", "np\u{200d}m\u{2060}_", "n\u{e0061}pm_", "n\u{fe0f}pm_", "npm\u{ad}_",
        "n\u{200b}\u{200c}\u{feff}p\u{34f}m_",
    ])
    func `characters that look like ASCII or like nothing hide no token`(prefix: String)
        async throws
    {
        let search = try Self.search()
        let text = "use \(prefix)\(Self.token.dropFirst(4)) now"
        let findings = Self.found(await search.inspect([text]))
        #expect(findings.map(\.rule.description) == ["npm-token"])
        let rest = try #require(Self.without(findings, text))
        #expect(rest == "use [gone] now")
    }

    @Test func `a wide letter in each position hides no token`() async throws {
        let search = try Self.search()
        let letters = Array(Self.token.unicodeScalars)
        for index in letters.indices {
            var scalars = String.UnicodeScalarView(letters)
            let position = scalars.index(scalars.startIndex, offsetBy: index)
            let wide = Unicode.Scalar(letters[index].value + 0xfee0) ?? letters[index]
            scalars.replaceSubrange(position...position, with: [wide])
            #expect(Self.found(await search.inspect(["a \(String(scalars)) b"])).count == 1)
        }
    }

    @Test func `a value in the last of several packed data is found`() async throws {
        let search = try Self.search()
        let line = (0..<20_000).map { "line \($0 &* 2_654_435_761) " }.joined()
        let parts = [line + "1", line + "2", line + "3 \(Self.token) end"]
        let texts = parts.map { Base64.encode(TextEncoding.gzip.encode(Array($0.utf8))) }
        let findings = Self.found(await search.inspect([texts.joined(separator: "  ")]))
        let start = texts[0].utf8.count + texts[1].utf8.count + 4
        #expect(
            findings.map(\.extent)
                == [.part(text: 0, bytes: start..<start + texts[2].utf8.count)])
    }

    @Test func `what is encoded three times is not decoded, and said to be so`() async throws {
        let search = try Self.search()
        var text = Array(Self.token.utf8)
        for encoding in [TextEncoding.base64, .base64, .base64] { text = encoding.encode(text) }
        #expect(await search.inspect([Self.text(text)]) == .undecodable)
        let packed = TextEncoding.base64.encode(
            TextEncoding.gzip.encode(TextEncoding.gzip.encode(Array(Self.token.utf8))))
        #expect(await search.inspect([Self.text(packed)]) == .undecodable)
        var percent = Array(Self.token.utf8)
        for _ in 0..<3 { percent = TextEncoding.percent.encode(percent) }
        #expect(await search.inspect([Self.text(percent)]) == .undecodable)
    }

    @Test func `what is not decoded counts with a finding, too`() async throws {
        let search = try Self.search()
        var thrice = Array(Self.token.utf8)
        for _ in 0..<3 { thrice = TextEncoding.base64.encode(thrice) }
        let code = Self.text(TextEncoding.base64.encode(Array(Self.token.utf8)))
        for value in [Self.token, code] {
            let inspection = await search.inspect([value, ". . .", Self.text(thrice)])
            #expect(Self.found(inspection).count == 1 && inspection.isUndecodable)
            let decoded = await search.inspect([value, ". . .", "plain"])
            #expect(Self.found(decoded).count == 1 && !decoded.isUndecodable)
        }
    }

    @Test func `what is encoded twice near an escape is decoded`() async throws {
        let search = try Self.search()
        let twice = TextEncoding.base64.encode(
            TextEncoding.base64.encode(Array("nothing but some plain words".utf8)))
        for escape in [#"\n"#, "&amp;", "%20", #"\\n"#, "\u{ff21}"] {
            #expect(
                await search.inspect(["a\(escape) \(Self.text(twice)) \(escape)b"]) == .clean,
                "\(escape)")
        }
    }

    @Test func `data that unpack to more than a hundred times their size are not unpacked`()
        async throws
    {
        let search = try Self.search()
        let zeros = [UInt8](repeating: 0x20, count: 1 << 20)
        for encoding in TextEncoding.compressing {
            let bomb = TextEncoding.base64.encode(encoding.encode(zeros))
            #expect(bomb.count < 1 << 12)
            #expect(await search.inspect([Self.text(bomb)]) == .undecodable, "\(encoding)")
            // A value before the limit is found.
            let hidden = TextEncoding.base64.encode(
                encoding.encode(Array((Self.token + " ").utf8) + zeros))
            #expect(!Self.found(await search.inspect([Self.text(hidden)])).isEmpty, "\(encoding)")
        }
        // Half the ratio.
        var chance = SeededGenerator.announced()
        var mild: [UInt8] = []
        for _ in 0..<2000 {
            mild += [UInt8](repeating: 0x20, count: 60)
            mild.append(UInt8.random(in: 0x61...0x7a, using: &chance))
        }
        let text = TextEncoding.base64.encode(TextEncoding.gzip.encode(mild))
        #expect(await search.inspect([Self.text(text)]) == .clean)
    }

    @Test func `16 MiB of encodings of encodings end, and are not decoded`() async throws {
        let search = try Self.search()
        let inner = TextEncoding.base64.encode([UInt8](repeating: 0x61, count: 9 << 20))
        let text = Self.text(TextEncoding.base64.encode(Array(inner.prefix(12 << 20))))
        #expect(text.utf8.count == 16 << 20)
        #expect(await search.inspect([text]) == .undecodable)
        // Many runs, of which each is within the limit of a part.
        let part = Self.text(TextEncoding.base64.encode(Array(inner.prefix(3 << 10))))
        let many = Array(repeating: part, count: (16 << 20) / (4 << 10))
        #expect(await search.inspect(many).isClean)
        let percent = Self.text(TextEncoding.percent.encode(Array(inner.prefix(1 << 18))))
        #expect(await search.inspect([percent]).isClean)
    }

    @Test func `plain texts have nothing to decode`() async throws {
        let search = try Self.search()
        let texts = [
            #"{"path":"/srv/www/some-long-name/of_a_file/index.html","id":4711}"#,
            "https://www.example.com/a/rather/long/path?with=parameters&and=more#fragment",
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca4",
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            "C:\\Users\\name\\tmp\\new 100% sure & certain; Straße, naïve, привет, 你好，世界",
            "family 👩‍👩‍👧 and a heart ❤️; ２０２６年", "\u{0}\u{1}\u{7f}",
        ]
        #expect(await search.inspect(texts) == .clean)
    }

    @Test func `the same value in several views counts once`() async throws {
        let search = try Self.search()
        let findings = Self.found(
            await search.inspect(["line\\n\(Self.token)\\nline & \(Self.token)", "%41"]))
        #expect(findings.count == 2)
    }

    @Test func `small texts are decoded at once, and others are left to the thread`() async throws {
        let search = ResultSearch(
            try Self.compiled.get(),
            for: BrokerValueReader(on: globalConcurrentExecutor) { (_) throws(ScanFailure) in
                (BrokeredValues(key: (3, 4)), [0])
            }, hashing: OpenSSLHashing(), on: globalConcurrentExecutor, most: 8, callers: 1)
        _ = await search.inspect([])
        let code = Self.text(TextEncoding.base64.encode(Array(Self.token.utf8)))
        let found = try #require(search.inspectAtOnce([code], bytes: code.utf8.count))
        #expect(Self.found(found).count == 1)
        // 64 KiB at most, of which several parts unpack to much, each to less than a hundred times its size.
        var chance = SeededGenerator.announced()
        let block = (0..<1024).map { _ in UInt8.random(in: .min ... .max, using: &chance) }
        let words = (0..<100).flatMap { _ in block }
        let bomb = Self.text(TextEncoding.base64.encode(TextEncoding.gzip.encode(words)))
        let many = Array(repeating: bomb, count: 8)
        let bytes = many.reduce(0) { $0 + $1.utf8.count }
        #expect(bytes < ResultSearch.mostAtOnce / 2)
        #expect(search.inspectAtOnce(many, bytes: bytes) == nil)
        #expect(search.inspectAtOnce(["plain"], bytes: 5) == .clean)
    }

    /// Bytes as a file or an escape has them, whatever their encoding.
    @Test func `bytes that are no UTF-8 hide no token, and end nothing`() throws {
        var chance = SeededGenerator.announced()
        let compiled = try Self.compiled.get()
        let scanner = SecretScanner(
            compiled.set, values: BrokeredValues(key: (1, 2)), hashing: OpenSSLHashing(),
            keeping: ResultSearch.mostFindings)
        func views(_ text: [UInt8]) throws -> ViewSearch {
            var views = ViewSearch(.full)
            let inflater = ZlibInflater()
            while try !views.next(in: text.span, by: scanner, inflater) {}
            return views
        }
        let broken: [[UInt8]] = [
            [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x80],
            [0x80],
        ]
        let token = Array(Self.token.utf8)
        for bytes in broken {
            for encoding in TextEncoding.texts {
                let text = bytes + encoding.encode(bytes + token + bytes) + bytes
                let found = try views(text).findings
                #expect(!found.isEmpty, "\(encoding)")
                for finding in found {
                    guard case .part(let range) = finding.extent else { continue }
                    #expect(range.lowerBound >= 0 && range.upperBound <= text.count)
                }
            }
        }
        #expect(
            try views(Array(#"\ud800\udc00\udfff\u{110000}%u%zz&#x110000;&#;"#.utf8)).findings
                .isEmpty)
        for _ in 0..<2000 {
            let count = Int.random(in: 0...400, using: &chance)
            let text = (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) }
            #expect(try views(text).findings.isEmpty)
        }
    }
}

extension ResultSearch {
    /// Inspects texts of one agent.
    fileprivate func inspect(_ texts: [String]) async -> ResultInspection {
        await inspect(texts, for: AgentName("clerk")!)
    }
}
