package import InterlockModel

/// The file contents of a history in which earlier searches found nothing, by their names. A name is the hash of its
/// content, so a content is searched once for each scanner.
package struct CleanObjects: Sendable {
    /// The most names that are kept.
    private static let mostObjects = 2_000_000
    package static let mostBytes = mostObjects * 32 + 64

    /// The digest of the scanner that found nothing.
    private let scanner: Digest
    /// Names of earlier searches, sorted.
    private let known: [ObjectID]
    /// Names that were asked for, or added, since.
    private var used: Set<ObjectID> = []

    /// - Parameters:
    ///   - bytes: the text of earlier searches; a text of another scanner, or one that is not as it was written, counts as
    ///     empty.
    package init(_ bytes: [UInt8] = [], scanner: Digest, hashing: any Hashing) {
        self.scanner = scanner
        let body = bytes.dropLast(32)
        guard bytes.count >= 64, bytes.count % 32 == 0, bytes.count <= Self.mostBytes,
            body.prefix(32).elementsEqual(scanner.bytes),
            hashing.sha256(Array(body)).bytes.elementsEqual(bytes.suffix(32))
        else {
            known = []
            return
        }
        var names: [ObjectID] = []
        names.reserveCapacity(body.count / 32)
        for start in stride(from: 32, to: body.count, by: 32) {
            guard let words = Digest(bytes: body[start..<start + 32]) else { continue }
            names.append(ObjectID(words: words))
        }
        known = names.sorted()
    }

    /// The text of the names that were asked for or added since, for the next search.
    package func bytes(hashing: any Hashing) -> [UInt8] {
        var bytes = scanner.bytes
        bytes.reserveCapacity(32 * (used.count + 2))
        for name in used.prefix(Self.mostObjects) { bytes += name.words.bytes }
        return bytes + hashing.sha256(bytes).bytes
    }

    package mutating func contains(_ name: ObjectID) -> Bool {
        if used.contains(name) { return true }
        var (low, high) = (0, known.count)
        while low < high {
            let middle = (low + high) / 2
            if known[middle] < name { low = middle + 1 } else { high = middle }
        }
        guard low < known.count, known[low] == name else { return false }
        used.insert(name)
        return true
    }

    package mutating func add(_ name: ObjectID) { used.insert(name) }
}
