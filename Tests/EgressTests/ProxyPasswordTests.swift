import InterlockTesting
import Testing

@testable import InterlockEgress

/// The password of a proxy that other processes of the host reach too (docs/specs/sandbox.md, section 10).
@Suite struct `Passwords of proxies` {
    @Test func `only the run's own name and password are accepted`() throws {
        let password = try #require(ProxyPassword("Zm9vYmFy"))
        // printf run:Zm9vYmFy | base64
        let right = Array("Basic cnVuOlptOXZZbUZ5".utf8)
        #expect(password.accepts(right) && password.accepts(Array("basic  cnVuOlptOXZZbUZ5".utf8)))
        #expect(
            !password.accepts(nil) && !password.accepts([]) && !password.accepts(right.dropLast()))
        #expect(!password.accepts(Array("Bearer cnVuOlptOXZZbUZ5".utf8)))
        #expect(!password.accepts(Array("Basic".utf8)) && !password.accepts(Array("Basic ".utf8)))
        #expect(
            ProxyPassword("") == nil && ProxyPassword("a b") == nil && ProxyPassword("a:b") == nil)
    }

    /// Reads a conversation in pieces of a size; the result is the last event, and what was greeted before.
    private func read(_ bytes: [UInt8], pieces size: Int) throws -> String {
        var reader = SOCKSPasswordReader(try #require(ProxyPassword("pw")))
        var rest = bytes[...]
        var greeted = ""
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
            case .refused: return greeted + "refused"
            case .accepted(let left): return greeted + "accepted \((left + rest).count)"
            }
        }
        return greeted + "more"
    }

    @Test(arguments: [1, 3, 1000]) func `a name and a password of SOCKS5`(size: Int) throws {
        let name: [UInt8] = [3, 114, 117, 110]
        let right: [UInt8] = [5, 1, 2, 1] + name + [2, 112, 119]
        #expect(try read(right, pieces: size) == "greeted accepted 0")
        #expect(try read(right + [5, 1, 0], pieces: size) == "greeted accepted 3")
        #expect(
            try read([5, 2, 0, 2, 1] + name + [2, 112, 120], pieces: size) == "greeted refused")
        #expect(try read([5, 1, 2, 1, 0, 2, 112, 119], pieces: size) == "greeted refused")
        #expect(try read([5, 1, 0], pieces: size) == "no method")
        #expect(try read(Array(right.dropLast()), pieces: size) == "greeted more")
        #expect(throws: EgressRefusal.self) { try read([4, 1], pieces: size) }
        #expect(throws: EgressRefusal.self) { try read([5, 1, 2, 5], pieces: size) }
    }
}
