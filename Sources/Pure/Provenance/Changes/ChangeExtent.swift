/// The part of a commit that an agent wrote: how many files, how many lines in them, and which files.
package struct ChangeExtent: Hashable, Sendable {
    /// The most paths that are listed, and the most bytes of their written forms.
    package static let mostListed = 100
    static let mostListedBytes = 4000
    static let mostFiles = 1_000_000
    static let mostLines = 1_000_000_000

    package let files: Int
    package let added: Int
    package let removed: Int
    /// The first of the files in the order of their paths, each once.
    package let listed: [ChangedPath]

    /// True if every file is listed.
    package var isWhole: Bool { listed.count == files }

    /// - Parameter changes: of different paths.
    /// - Returns: nil if there is no file.
    package init?(_ changes: [ChangedFile]) {
        guard !changes.isEmpty, changes.count <= Self.mostFiles else { return nil }
        files = changes.count
        added = min(Self.mostLines, changes.reduce(0) { $0 + $1.added })
        removed = min(Self.mostLines, changes.reduce(0) { $0 + $1.removed })
        var (listed, bytes) = ([ChangedPath](), 0)
        for path in changes.map(\.path).sorted() {
            bytes += path.quoted.utf8.count + 2
            guard listed.count < Self.mostListed, bytes <= Self.mostListedBytes else { break }
            listed.append(path)
        }
        self.listed = listed
    }

    /// The value of the trailer: `files=3 lines=+120/-14; src/a.c, src/b.c; 1 more`.
    package var text: String {
        var text = "files=\(files) lines=+\(added)/-\(removed)"
        if !listed.isEmpty { text += "; " + listed.map(\.quoted).joined(separator: ", ") }
        return isWhole ? text : text + "; \(files - listed.count) more"
    }

    /// - Returns: nil if the text is not the written form of an extent.
    package init?(_ text: [UInt8]) {
        guard text.count <= 2 * Self.mostListedBytes else { return nil }
        var rest = text[...]
        func skip(_ literal: StaticString) -> Bool {
            let bytes = Array("\(literal)".utf8)
            guard rest.starts(with: bytes) else { return false }
            rest = rest.dropFirst(bytes.count)
            return true
        }
        func number(_ most: Int) -> Int? {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            guard (1...10).contains(digits.count), digits.count == 1 || digits.first != 0x30,
                let value = Int(String(decoding: digits, as: UTF8.self)), value <= most
            else { return nil }
            return value
        }
        guard skip("files="), let files = number(Self.mostFiles), files > 0, skip(" lines=+"),
            let added = number(Self.mostLines), skip("/-"), let removed = number(Self.mostLines)
        else { return nil }
        var listed: [ChangedPath] = []
        var more = 0
        while !rest.isEmpty {
            guard skip(listed.isEmpty ? "; " : ", ") || skip("; ") else { return nil }
            let before = rest
            if let count = number(Self.mostFiles), skip(" more"), rest.isEmpty {
                more = count
                break
            }
            rest = before
            guard listed.count < Self.mostListed, let path = ChangedPath.take(from: &rest),
                listed.last.map({ $0 < path }) ?? true
            else { return nil }
            listed.append(path)
        }
        guard listed.count + more == files else { return nil }
        (self.files, self.added, self.removed, self.listed) = (files, added, removed, listed)
        // Each extent has one form.
        guard Array(self.text.utf8) == text else { return nil }
    }
}
