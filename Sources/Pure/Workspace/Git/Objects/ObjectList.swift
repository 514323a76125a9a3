/// Reads the list of a store's objects, a line for each: `blob|tree|commit|tag ID SIZE`. File contents are kept, in the
/// order of the list.
package struct ObjectList {
    /// The format of a line, as `git cat-file --batch-check` takes it.
    package static let lineFormat = "%(objecttype) %(objectname) %(objectsize)"
    /// The most file contents of one store.
    package static let mostBlobs = 2_000_000
    private static let longestLine = 128
    /// The digits of the largest size, below 10^15.
    private static let mostDigits = 15
    private static let otherTypes = ["tree", "commit", "tag"].map { Array($0.utf8) }
    private static let blob = Array("blob".utf8)

    private let format: ObjectFormat
    private var line: [UInt8] = []
    private var blobs: [ListedBlob] = []

    package init(_ format: ObjectFormat) { self.format = format }

    package mutating func take(_ part: Span<UInt8>) throws(ObjectFault) {
        for index in part.indices {
            guard part[index] != UInt8(ascii: "\n") else {
                try end()
                continue
            }
            guard line.count < Self.longestLine else { throw .line }
            line.append(part[index])
        }
    }

    /// - Throws: an error if the last line has no end.
    package func finish() throws(ObjectFault) -> [ListedBlob] {
        guard line.isEmpty else { throw .line }
        return blobs
    }

    private mutating func end() throws(ObjectFault) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, let id = ObjectID(words[1], format),
            let size = Self.size(words[2])
        else { throw .line }
        if words[0].elementsEqual(Self.blob) {
            guard blobs.count < Self.mostBlobs else { throw .tooMany }
            blobs.append(ListedBlob(id: id, size: size))
        } else if !Self.otherTypes.contains(where: words[0].elementsEqual) {
            throw .line
        }
        line.removeAll(keepingCapacity: true)
    }

    private static func size(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard (1...mostDigits).contains(digits.count) else { return nil }
        var size: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            size = size * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return size
    }
}
