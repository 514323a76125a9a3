import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockPorts
import InterlockTransport
import InterlockYAML

extension Invariants {
    /// No reader takes more than a fixed number of steps per byte, for any bytes.
    package static func cost(_ bytes: [UInt8]) {
        for reader in CostedReader.all {
            precondition(
                reader.steps(for: bytes) <= CostedReader.most(for: bytes.count),
                "\(reader.name) takes steps linear in its input")
        }
    }
}

/// A reader of external text, whose work on given bytes is counted in steps (`Steps`).
package struct CostedReader: Sendable {
    package let name: String
    private let read: @Sendable ([UInt8]) -> Void

    /// The highest permitted number of steps. In a small object each key is compared with up to 16 others, and a token
    /// is read three times.
    package static func most(for bytes: Int) -> Int { 512 + 40 * bytes }

    package func steps(for bytes: [UInt8]) -> Int { Steps.counted { read(bytes) } }

    package static let all = [
        CostedReader(name: "JSON") { _ = try? JSONValue(parsing: $0, limits: .upstream) },
        CostedReader(name: "YAML") { _ = readYAML($0, file: "policy.yaml") },
        CostedReader(name: "form") { _ = FormFields.parse(String(decoding: $0, as: UTF8.self)) },
        CostedReader(name: "headers", read: headers),
        CostedReader(name: "SSE", read: events),
        CostedReader(name: "lines", read: lines),
        CostedReader(name: "CBOR") { _ = try? CBORValue(parsing: $0) },
        CostedReader(name: "token", read: Invariants.issuer),
    ]

    /// The input in pieces of at most 64 bytes, as it arrives from a network: no reader may start over with each piece.
    private static func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: 64).map {
            Array(bytes[$0..<min($0 + 64, bytes.count)])
        }
    }

    private static func headers(_ bytes: [UInt8]) {
        var parser = RequestParser(listener: .agents)
        var held = Array("POST / HTTP/1.1\r\nHost: a\r\n".utf8)
        for piece in pieces(bytes) {
            held += piece
            while true {
                let (consumed, event) = parser.parse(held.span)
                held.removeFirst(consumed)
                if case .head = event { parser.readBody(limitBytes: 1 << 20) }
                if case .needMore = event { break }
                if case .refused = event { return }
            }
        }
    }

    private static func events(_ bytes: [UInt8]) {
        var parser = SSEParser()
        for piece in pieces(bytes) {
            guard (try? parser.feed(piece)) != nil else { return }
        }
    }

    private static func lines(_ bytes: [UInt8]) {
        var framer = LineFramer(limitBytes: 4 << 20)
        for piece in pieces(bytes) {
            guard (try? framer.feed(piece)) != nil else { return }
        }
    }
}
