package import InterlockModel

/// The hash by which a repository of Git names its objects.
package enum ObjectFormat: String, Sendable, Hashable {
    case sha1, sha256

    /// The hexadecimal digits of a name.
    package var digits: Int { self == .sha1 ? 40 : 64 }
}

/// The name of an object of Git: 20 bytes of SHA-1, followed by zeros, or 32 bytes of SHA-256.
package struct ObjectID: Hashable, Comparable, Sendable {
    private static let digitsPerWord = 16

    package let words: Digest

    package init(words: Digest) { self.words = words }

    /// - Returns: nil unless `digits` are lower-case hexadecimal digits, as many as the format has.
    package init?(_ digits: ArraySlice<UInt8>, _ format: ObjectFormat) {
        guard digits.count == format.digits, digits.allSatisfy(Self.isDigit) else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, digit) in digits.enumerated() {
            let value = UInt64(digit < UInt8(ascii: "a") ? digit - 0x30 : digit - 0x57)
            let shift = 4 * (Self.digitsPerWord - 1 - index % Self.digitsPerWord)
            words[index / Self.digitsPerWord] |= value << UInt64(shift)
        }
        self.words = Digest(words: (words[0], words[1], words[2], words[3]))
    }

    /// Every word counts: names of a hostile repository can begin alike.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.words.0)
        hasher.combine(words.words.1)
        hasher.combine(words.words.2)
        hasher.combine(words.words.3)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// The digits of the name.
    package func hex(_ format: ObjectFormat) -> String {
        String(words.hex.prefix(format.digits))
    }

    /// The first 12 digits, which name an object for people.
    package var short: String { String(words.hex.prefix(12)) }

    package static func < (a: Self, b: Self) -> Bool { a.words.words < b.words.words }
}

/// One file content of a repository, as it is listed.
package struct ListedBlob: Hashable, Sendable {
    package let id: ObjectID
    /// The number of its bytes.
    package let size: Int64

    package init(id: ObjectID, size: Int64) { (self.id, self.size) = (id, size) }
}

/// The reason why the output of Git was not understood. All of it is then unused.
package enum ObjectFault: Error, Hashable, Sendable {
    /// A line has another form.
    case line
    /// There are more file contents than are searched.
    case tooMany
    /// The output is not of the objects that were asked for, in their order, or it ends too early.
    case order

    package var message: String {
        switch self {
        case .line: "Git printed a line that is not understood"
        case .tooMany: "the history has more than \(ObjectList.mostBlobs) files"
        case .order: "Git did not print the objects that it was asked for"
        }
    }
}
