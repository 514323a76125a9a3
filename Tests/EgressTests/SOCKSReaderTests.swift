import InterlockTesting
import Testing

@testable import InterlockEgress

struct SOCKSReaderTests {
    /// Reads a conversation in pieces of a size; the result is the events in words.
    private func read(_ bytes: [UInt8], pieces size: Int = .max) -> String {
        var reader = SOCKSReader()
        var rest = bytes[...]
        var greeted = ""
        do throws(EgressRefusal) {
            while !rest.isEmpty {
                let piece = rest.prefix(size)
                rest = rest.dropFirst(piece.count)
                var event = try reader.read(piece)
                if event == .greeted {
                    greeted = "greeted "
                    event = try reader.read([])
                }
                switch event {
                case .needMore, .greeted: continue
                case .noMethod: return "no method"
                case .target(let target, let left):
                    return greeted + "\(target)" + ((left + rest).isEmpty ? "" : " early")
                }
            }
            return greeted + "more"
        } catch {
            return greeted + error.reason.rawValue
        }
    }

    private func check(_ bytes: [UInt8], _ expected: String) {
        #expect(read(bytes) == expected)
        #expect(read(bytes, pieces: 1) == expected)
        #expect(read(bytes, pieces: 3) == expected)
    }

    /// A greeting without authentication and a request for a name.
    private func request(_ name: [UInt8], port: UInt16 = 443) -> [UInt8] {
        [5, 1, 0, 5, 1, 0, 3, UInt8(name.count)] + name + [UInt8(port >> 8), UInt8(port & 255)]
    }

    @Test(.requirement("R077")) func `a name or an address is the target`() {
        check(request(Array("A.Example.".utf8)), "greeted a.example:443")
        check([5, 2, 2, 0, 5, 1, 0, 1, 10, 0, 0, 1, 0, 22], "greeted 10.0.0.1:22")
        check(
            [5, 1, 0, 5, 1, 0, 4] + [UInt8](repeating: 0, count: 15) + [1, 0, 80],
            "greeted [::1]:80")
        check(request(Array("127.0.0.1".utf8)), "greeted 127.0.0.1:443")
        check(request(Array("a.example".utf8)) + [1], "greeted a.example:443 early")
        check(Array(request(Array("a.example".utf8)).dropLast()), "greeted more")
        check([5, 1, 0], "greeted more")
        check([5], "more")
    }

    /// A resolver in C would end such a name at its NUL byte.
    @Test(.requirement("R077")) func `a name with a NUL byte is refused`() {
        check(request(Array("evil.test\0.a.example".utf8)), "greeted bad-host")
        check(request(Array("a.example\0".utf8)), "greeted bad-host")
        check(request([0]), "greeted bad-host")
        check(request([]), "greeted bad-host")
        check(request(Array("0x7f000001".utf8)), "greeted bad-host")
        check(request(Array("a.example:443".utf8)), "greeted bad-host")
        check(request([0xff, 0x2e, 0x61]), "greeted bad-host")
    }

    @Test func `only CONNECT without authentication is served`() {
        check([5, 1, 2], "no method")
        check([5, 0], "no method")
        check([4, 1, 0, 80, 10, 0, 0, 1, 0], "bad-request")
        check(Array("GET / HTTP/1.1\r\n\r\n".utf8), "bad-request")
        let name = request(Array("a.example".utf8))
        for command in UInt8(0)...255 where command != 1 {
            var bytes = name
            bytes[4] = command
            #expect(read(bytes) == "greeted bad-request")
        }
        for (place, value) in [(3, UInt8(4)), (5, 1), (6, 2), (6, 0), (6, 5)] {
            var bytes = name
            bytes[place] = value
            #expect(read(bytes) == "greeted bad-request")
        }
        check(request(Array("a.example".utf8), port: 0), "greeted bad-request")
    }

    @Test func `random bytes give a canonical target or a reason`() {
        var chance = SeededGenerator.announced()
        for _ in 0..<4_000 {
            var bytes = request(Array("a.example".utf8))
            for _ in 0..<Int.random(in: 1...5, using: &chance) {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] =
                    UInt8.random(in: 0...255, using: &chance)
            }
            #expect(read(bytes) == read(bytes, pieces: 1))
        }
    }
}
