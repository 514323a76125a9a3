import InterlockTesting
import Testing

@testable import InterlockEgress

struct ClientHelloTests {
    /// Reads a hello in pieces of a size for a host; the result is `ok`, the reason or `more`.
    private func read(
        _ bytes: [UInt8], for host: String = "a.example", pieces size: Int = .max,
        ech: EgressRule.EncryptedHello = .deny
    ) -> String {
        var reader = ClientHelloReader()
        var rest = bytes[...]
        do throws(EgressRefusal) {
            let host = try EgressHost(host)
            while !rest.isEmpty {
                let piece = rest.prefix(size)
                rest = rest.dropFirst(piece.count)
                guard let hello = try reader.read(piece) else { continue }
                try hello.require(host, ech)
                return reader.received + rest == bytes ? "ok" : "changed"
            }
            return "more"
        } catch {
            return error.reason.rawValue
        }
    }

    private func check(_ hello: HelloBytes, _ expected: String, host: String = "a.example") {
        for record in [16_384, 100, 1] {
            let bytes = hello.records(of: record)
            #expect(read(bytes, for: host) == expected)
            #expect(read(bytes, for: host, pieces: 1) == expected)
            #expect(read(bytes, for: host, pieces: 6) == expected)
        }
    }

    @Test(.requirement("R077")) func `the one name must be the host`() {
        check(HelloBytes(names: ["a.example"]), "ok")
        check(HelloBytes(names: ["A.eXample"]), "ok")
        check(HelloBytes(names: ["b.example"]), "sni-mismatch")
        check(HelloBytes(names: ["xa.example"]), "sni-mismatch")
        check(HelloBytes(names: ["a.example.evil.test"]), "sni-mismatch")
        check(HelloBytes(names: ["a.example."]), "sni-mismatch")
        check(HelloBytes(names: ["a.example\0"]), "sni-mismatch")
        check(HelloBytes(names: ["a.example\0.evil.test"]), "sni-mismatch")
        check(HelloBytes(names: ["127.0.0.1"]), "sni-mismatch", host: "127.0.0.1")
        check(HelloBytes(names: []), "no-sni")
        check(HelloBytes(names: [""]), "no-sni")
    }

    @Test(.requirement("R077")) func `two names are refused, even equal ones`() {
        check(HelloBytes(names: ["a.example", "b.example"]), "sni-mismatch")
        check(HelloBytes(names: ["a.example", "a.example"]), "sni-mismatch")
        var twice = HelloBytes(names: ["a.example"])
        twice.add(names: ["b.example"])
        check(twice, "sni-mismatch")
        var other = HelloBytes(names: [])
        other.add(names: ["a.example"], type: 1)
        check(other, "sni-mismatch")
        var empty = HelloBytes(names: [])
        empty.extensions.append((0, [0, 0]))
        check(empty, "no-sni")
    }

    @Test func `an encrypted hello needs a rule that allows it`() {
        for type in [0xfe0d, 0xfe08, 0xff02, 0xffce] {
            var hello = HelloBytes(names: ["a.example"])
            hello.extensions.append((type, [0, 1, 2]))
            check(hello, "ech")
            #expect(read(hello.records(), ech: .allow) == "ok")
            #expect(read(hello.records(), for: "b.example", ech: .allow) == "sni-mismatch")
        }
    }

    @Test func `bytes that are not a ClientHello are refused at once`() {
        #expect(read(Array("GET / HTTP/1.1\r\n".utf8)) == "not-tls")
        #expect(read(Array("S".utf8)) == "not-tls")
        #expect(read([0x80, 0x2e, 1]) == "not-tls")
        #expect(read([22, 2]) == "not-tls")
        #expect(read([22, 3, 1, 0, 0]) == "not-tls")
        #expect(read([22, 3, 1, 0x40, 1]) == "not-tls")
        #expect(read([21, 3, 1, 0, 2, 1, 0]) == "not-tls")
        #expect(read([22, 3, 1, 0, 4, 2, 0, 0, 0]) == "not-tls")
        #expect(read([22, 3, 1, 0, 4, 1, 0xff, 0, 0]) == "limit")
        // Another record between two parts of the message.
        let parts = HelloBytes(names: ["a.example"]).records(of: 50)
        #expect(read(Array(parts[..<55]) + [20, 3, 3, 0, 1, 1] + parts[55...]) == "not-tls")
    }

    @Test func `a message with wrong lengths is refused`() {
        var hello = HelloBytes(names: ["a.example"])
        hello.trailing = [0]
        check(hello, "not-tls")
        hello = HelloBytes(names: ["a.example"])
        hello.session = [UInt8](repeating: 1, count: 33)
        check(hello, "not-tls")
        hello = HelloBytes(names: ["a.example"])
        hello.suites = [0x13]
        check(hello, "not-tls")
        hello = HelloBytes(names: ["a.example"])
        hello.extensions.append((43, [2, 3, 4]))
        check(hello, "not-tls")
        hello = HelloBytes(names: [])
        hello.extensions.append((0, HelloBytes.vector(2, [0] + HelloBytes.vector(2, [97])) + [0]))
        check(hello, "not-tls")
        // A second message in the record of the first.
        let message = HelloBytes(names: ["a.example"]).message + [1, 0, 0, 0]
        #expect(read([22, 3, 1] + HelloBytes.vector(2, message)) == "not-tls")
    }

    @Test func `a hello has a limit of size and may have bytes after it`() {
        var hello = HelloBytes(names: ["a.example"])
        hello.extensions.append((21, [UInt8](repeating: 0, count: 60_000)))
        #expect(read(hello.records()) == "ok")
        hello.extensions.append((22, [UInt8](repeating: 0, count: 5_400)))
        #expect(read(hello.records(of: 1_000)) == "limit")
        #expect(read(hello.records(of: 1_000), pieces: 4_000) == "limit")
        let small = HelloBytes(names: ["a.example"]).records()
        #expect(read(small + [20, 3, 3, 0, 1, 1]) == "ok")
        #expect(read(Array(small.dropLast())) == "more")
    }

    /// A hello that was edited in any way is refused, incomplete, or still names the host alone.
    @Test func `no edit of a hello passes with another name`() {
        var chance = SeededGenerator.announced()
        let base = HelloBytes(names: ["a.example"]).records(of: 60)
        for _ in 0..<4_000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...3, using: &chance) {
                let place = Int.random(in: 0..<bytes.count, using: &chance)
                switch Int.random(in: 0..<3, using: &chance) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &chance)
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &chance), at: place)
                default: bytes.remove(at: place)
                }
            }
            let whole = read(bytes)
            #expect(read(bytes, pieces: 1) == whole)
            #expect(read(bytes, for: "b.example") != "ok")
        }
    }
}
