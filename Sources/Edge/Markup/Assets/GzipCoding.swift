import CZlib

/// The `gzip` coding of HTTP (RFC 9110, 8.4.1.3), only for assets, which are the same for every viewer. A page contains
/// the session's form token next to texts that others choose, so its compressed length could reveal the token.
package enum GzipCoding {
    /// Returns nil if the result would not be shorter.
    package static func packed(_ bytes: [UInt8]) -> [UInt8]? {
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { room, count in
            count = unsafe interlock_gzip(bytes, bytes.count, room.baseAddress, room.count)
        }
        return packed.isEmpty ? nil : packed
    }

    /// The largest content that `unpacked` returns.
    package static let mostUnpacked = 65_536

    /// The content of gzip data, whose packed form a stranger chose.
    package enum Content: Equatable {
        case bytes([UInt8])
        case tooLong
        case malformed
    }

    /// Unpacks one whole gzip member, in memory that `mostUnpacked` bounds whatever the data unpack to.
    package static func unpacked(_ bytes: [UInt8]) -> Content {
        var end = 0
        let content = unsafe [UInt8](unsafeUninitializedCapacity: mostUnpacked) { room, count in
            end = unsafe interlock_gunzip(bytes, bytes.count, room.baseAddress, room.count)
            count = max(0, end)
        }
        return end == -2 ? .tooLong : end < 0 ? .malformed : .bytes(content)
    }

    /// Returns true if the client accepts the coding (RFC 9110, 12.5.3).
    ///
    /// - Parameter header: the value of `accept-encoding`; without it the coding is not used.
    package static func isTaken(by header: String?) -> Bool {
        let weights = (header ?? "").split(separator: ",").compactMap(Self.weight)
        func weight(of name: String) -> Double? { weights.first { $0.name == name }?.weight }
        return (weight(of: "gzip") ?? weight(of: "*") ?? 0) > 0
    }

    private static func weight(_ item: Substring) -> (name: String, weight: Double)? {
        let parts = item.split(separator: ";").map {
            $0.filter { $0 != " " && $0 != "\t" }.lowercased()
        }
        guard let name = parts.first else { return nil }
        guard let quality = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) else {
            return (name, 1)
        }
        return (name, Double(quality.dropFirst(2)) ?? 0)
    }
}
