import InterlockTesting
import Testing

@testable import InterlockEgress
@testable import InterlockPolicy

struct EgressHostTests {
    static let accepted: [(text: String, host: String, isName: Bool)] = [
        ("example.com", "example.com", true), ("EXAMPLE.Com", "example.com", true),
        ("example.com.", "example.com", true), ("localhost", "localhost", true),
        ("a-b.c1", "a-b.c1", true), ("1.2.3.a4", "1.2.3.a4", true),
        ("xn--bcher-kva.example", "xn--bcher-kva.example", true),
        ("1e2.0x1.example", "1e2.0x1.example", true),
        ("127.0.0.1", "127.0.0.1", false), ("0.0.0.0", "0.0.0.0", false),
        ("255.255.255.255", "255.255.255.255", false), ("[::1]", "[::1]", false),
        ("[2001:DB8::1]", "[2001:db8::1]", false), ("[::]", "[::]", false),
        ("[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]", false),
        ("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]", false),
        ("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", false),
        ("[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:102:304]", false),
    ]

    @Test(.requirement("R077"), arguments: accepted)
    func `a host has one canonical form`(_ one: (text: String, host: String, isName: Bool)) throws {
        let host = try EgressHost(one.text)
        #expect("\(host)" == one.host)
        #expect(host.isName == one.isName)
        #expect(try EgressHost(one.host) == host)
    }

    /// A policy names fewer: it also refuses an IPv6 address that ends in a dotted quad.
    @Test(.requirement("R077"))
    func `a host that a policy may name is the same host to the proxy`() throws {
        for text in Self.accepted.map(\.text) + Self.refused {
            guard let named = CanonicalHost(text) else { continue }
            let host = try EgressHost(text)
            #expect("\(host)" == named.text && host.isName != named.isAddress, "\(text)")
        }
        let narrower = Self.accepted.map(\.text).filter { CanonicalHost($0) == nil }
        #expect(narrower == ["[::ffff:127.0.0.1]", "[1:2:3:4:5:6:1.2.3.4]"])
    }

    static let refused = [
        "", ".", "..", ".example.com", "example..com", "example.com..", "-a.example", "a-.example",
        "a_b.example", "*.example.com", "exa mple.com", "example.com\0.allowed.example",
        "example.com\u{0}", "example.com\r\n", "example.com\t", "b\u{fc}cher.example",
        "example.com%00", "user@example.com", "example.com:443", "example.com/", "exam\u{7f}ple",
        "ex\u{212a}mple.com", "\u{ff11}27.0.0.1",
        "1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.0.0.01",
        "127.0.0.1.", "127.0.0.256", "127.0.0.-1", "127.0.0.0x1", "1.2.3.4.5", "999", "a.0x1",
        "a.1",
        "0x", "a.0x", "1.2.3.4.", "01.2.3.4", "1..2.3", "127.0.0.1 ", " 127.0.0.1",
        "::1", "[::1", "::1]", "[]", "[:]", "[:::]", "[::1%eth0]", "[::1%25eth0]", "[fe80::1%1]",
        "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[12345::]", "[g::]", "[::1]:443",
        "[127.0.0.1]", "[::127.0.0.01]", "[::1.2.3]", "[1:2:3:4:5:6:7:1.2.3.4]", "[1:]", "[:1]",
        "[1:2:3:4:5:6:7::8]", "[::1].", "[v1.a]", "[::1.2.3.4:5]",
    ]

    @Test(.requirement("R077"), arguments: refused)
    func `anything else is refused and never repaired`(_ text: String) {
        #expect(throws: EgressRefusal(.badHost, "")) { try EgressHost(text) }
    }

    @Test func `lengths of labels and names have limits`() throws {
        let label = String(repeating: "a", count: 63)
        let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(name.utf8.count == 253)
        #expect("\(try EgressHost(name))" == name)
        #expect("\(try EgressHost(name + "."))" == name)
        #expect(throws: EgressRefusal.self) { try EgressHost("b" + name) }
        #expect(throws: EgressRefusal.self) { try EgressHost(label + "a.example") }
    }

    @Test(arguments: [
        ("example.com:443", "example.com:443"), ("[::1]:8080", "[::1]:8080"),
        ("10.0.0.1:1", "10.0.0.1:1"), ("A.b.:65535", "a.b:65535"),
    ])
    func `an authority has a host and a port`(_ text: String, _ canonical: String) throws {
        #expect("\(try EgressTarget(authority: text.utf8))" == canonical)
    }

    @Test(arguments: [
        "example.com", "example.com:", "example.com:0", "example.com:65536", "example.com:0443",
        "example.com:+443", "example.com:443a", "example.com:443:443", "::1:443", "[::1]443",
        "u@example.com:443", "u:p@example.com:443", ":443", "example.com: 443", "example.com:443 ",
        "[::1]:", "example.com:4\u{663}",
    ])
    func `an authority without them is refused`(_ text: String) {
        #expect(throws: EgressRefusal.self) { try EgressTarget(authority: text.utf8) }
    }

    /// Text that is accepted has a form that is accepted as itself, and no byte that a resolver in C could cut at.
    @Test func `random text keeps the canonical form`() throws {
        var chance = SeededGenerator.announced()
        let alphabet = Array("abz019-._xX%:[]@ \0\r\n\u{7f}*ff".utf8)
        var count = 0
        for _ in 0..<12_000 {
            let length = Int.random(in: 0...20, using: &chance)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &chance) ?? 0 }
            guard let host = try? EgressHost(canonical: bytes) else { continue }
            count += 1
            #expect(try EgressHost("\(host)") == host)
            #expect(bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f })
            if host.isName {
                #expect(IPAddress(dottedQuad: host.nameBytes) == nil)
                let last = host.nameBytes.split(separator: 46).last ?? []
                #expect(!last.allSatisfy { (48...57).contains($0) })
            }
        }
        #expect(count > 100)
    }

    @Test func `random addresses are read from their own text`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<2_000 {
            let sparse = Bool.random(using: &chance)
            let six = (0..<16).map { _ in
                sparse && Bool.random(using: &chance)
                    ? UInt8(0) : UInt8.random(in: 0...255, using: &chance)
            }
            let address = IPAddress(bytes: six)
            #expect(address != nil)
            #expect(IPAddress(ipv6: "\(address.map { "\($0)" } ?? "")".utf8) == address)
            let four = IPAddress(bytes: six[..<4])
            #expect(IPAddress(dottedQuad: "\(four.map { "\($0)" } ?? "")".utf8) == four)
        }
    }
}
