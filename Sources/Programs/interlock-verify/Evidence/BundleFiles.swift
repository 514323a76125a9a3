/// The files of a bundle, after their names, order and digests were verified.
struct BundleFiles {
    private let archive: TarFile
    private let entries: [String: TarFile.Entry]
    /// The names in the order of the archive.
    let names: [String]

    static let maximumBytes = 256 << 20

    /// - Returns: nil if the archive differs from its manifest.
    init?(_ archive: TarFile, _ manifest: Manifest, _ findings: inout Findings) throws(Refusal) {
        self.archive = archive
        names = archive.entries.dropFirst().map(\.name)
        entries = Dictionary(archive.entries.map { ($0.name, $0) }) { first, _ in first }
        guard entries.count == archive.entries.count, Set(names) == Set(manifest.digests.keys)
        else {
            findings.fault("the archive has other files than its manifest")
            return nil
        }
        guard names == BundleFiles.order(names, manifest.chains) else {
            findings.fault("the files of the archive are not those of a bundle, in their order")
            return nil
        }
        for entry in archive.entries.dropFirst() {
            let bytes = try archive.contents(entry, limit: BundleFiles.maximumBytes)
            guard Crypto.sha256(bytes) == manifest.digests[entry.name] else {
                findings.fault("`\(entry.name)` was changed")
                return nil
            }
        }
    }

    func has(_ name: String) -> Bool { entries[name] != nil }

    func contents(_ name: String) throws(Refusal) -> [UInt8]? {
        guard let entry = entries[name] else { return nil }
        return try archive.contents(entry, limit: BundleFiles.maximumBytes)
    }

    /// Returns the names that a bundle of these chains must have, in order, as far as other names determine them: one
    /// proof of a single record implies one for each record.
    private static func order(_ names: [String], _ chains: [Manifest.Chain]) -> [String] {
        var order: [String] = []
        let provesEach = names.contains {
            $0.hasPrefix("chain/") && $0.utf8.count(where: { $0 == UInt8(ascii: "/") }) == 2
        }
        for (place, chain) in chains.enumerated() {
            order += ["chain/\(place).bin", "chain/\(place).tlog-proof"]
            // A larger count is refused in any case.
            let count = provesEach ? min(chain.count, UInt64(names.count)) : 0
            order += (0..<count).map { "chain/\(place)/\($0).tlog-proof" }
        }
        let enrolments = Dictionary(grouping: names.filter { $0.hasPrefix("people/") }) {
            $0.split(separator: "/").dropLast().joined(separator: "/")
        }
        for place in chains.indices {
            guard let count = enrolments["people/\(place)"]?.count else { continue }
            order.append("people/\(place).bin")
            order += (0..<count).map { "people/\(place)/\($0).tlog-proof" }
        }
        order += ["trust.policy", "openings.json"]
        order += names.filter { isDigest($0, under: "payload/") }.sorted()
        order += names.filter { isDigest($0, under: "policies/") }.sorted()
        order.append("VERIFY.txt")
        return order
    }

    private static func isDigest(_ name: String, under prefix: String) -> Bool {
        name.hasPrefix(prefix) && Digest(hex: name.utf8.dropFirst(prefix.utf8.count)) != nil
    }
}
