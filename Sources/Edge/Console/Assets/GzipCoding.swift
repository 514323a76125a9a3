import CZlib

/// The `gzip` coding of HTTP (RFC 9110, 8.4.1.3), only for assets, which are the same for every viewer. A page contains
/// the session's form token next to texts that others choose, so its compressed length could reveal the token.
enum GzipCoding {
    /// Returns nil if the result would not be shorter.
    static func packed(_ bytes: [UInt8]) -> [UInt8]? {
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { room, count in
            count = unsafe interlock_gzip(bytes, bytes.count, room.baseAddress, room.count)
        }
        return packed.isEmpty ? nil : packed
    }

    /// Returns true if the client accepts the coding (RFC 9110, 12.5.3).
    ///
    /// - Parameter header: the value of `accept-encoding`; without it the coding is not used.
    static func isTaken(by header: String?) -> Bool {
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
