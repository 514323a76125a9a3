import InterlockModel

/// The text form of a listing: a first line, then one line per entry in the order of the paths, fields separated by one
/// space, the escaped path last. Each listing has one text.
extension TreeListing {
    private static let firstLine = "interlock-tree 1"
    /// The most bytes of the text.
    package static let mostBytes = 1 << 30

    package var text: [UInt8] {
        var text = Array(Self.firstLine.utf8)
        text.reserveCapacity(entries.count * 128)
        text.append(UInt8(ascii: "\n"))
        for entry in entries {
            text += "\(entry.node.fields) ".utf8
            text += entry.path.escaped.utf8
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    /// - Throws: the number of the first line that is not as it is written, from 1.
    package init(parsing text: [UInt8]) throws(TreeTextError) {
        guard text.count <= Self.mostBytes, text.last == UInt8(ascii: "\n") else {
            throw TreeTextError(line: 1)
        }
        let lines = text.dropLast().split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count - 1 <= Self.mostEntries, lines[0].elementsEqual(Self.firstLine.utf8)
        else { throw TreeTextError(line: 1) }
        var entries: [TreeEntry] = []
        entries.reserveCapacity(lines.count)
        for (index, line) in lines.enumerated().dropFirst() {
            guard let entry = TreeEntry(line: line),
                entries.last.map({ $0.path < entry.path }) ?? true
            else { throw TreeTextError(line: index + 1) }
            entries.append(entry)
        }
        self.init(sorted: entries)
    }
}

package struct TreeTextError: Error, Hashable {
    package let line: Int
}

extension TreeNode {
    fileprivate var fields: String {
        switch self {
        case .file(let size, let mode, let digest, let hasAttributes):
            "\(hasAttributes ? "F" : "f") \(size) \(octal(mode)) \(digest.hex)"
        case .directory(let mode, let isOpaque, let hasAttributes):
            "\(isOpaque ? "o" : "d")\(hasAttributes ? "+" : "") \(octal(mode))"
        case .link(let target): "l \(target.isEmpty ? "-" : Hex.encode(target))"
        case .whiteout: "w"
        case .hidden: "h"
        case .special(let kind): "s \(kind.rawValue)"
        }
    }
}

/// Returns the mode as four octal digits, such as `0644`.
func octal(_ mode: UInt16) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: 4 - digits.count) + digits
}

/// - Returns: nil if the text is not what `octal` writes.
func mode(octal text: String) -> UInt16? {
    guard let mode = UInt16(text, radix: 8), mode <= 0o7777, octal(mode) == text else { return nil }
    return mode
}

extension TreeEntry {
    fileprivate init?(line: ArraySlice<UInt8>) {
        guard let letter = line.first else { return nil }
        let count: Int
        switch letter {
        case UInt8(ascii: "f"), UInt8(ascii: "F"): count = 4
        case UInt8(ascii: "d"), UInt8(ascii: "o"), UInt8(ascii: "l"), UInt8(ascii: "s"): count = 2
        case UInt8(ascii: "w"), UInt8(ascii: "h"): count = 1
        default: return nil
        }
        let parts = line.split(
            separator: UInt8(ascii: " "), maxSplits: count, omittingEmptySubsequences: false)
        guard parts.count == count + 1,
            let path = String(validating: parts[count], as: UTF8.self)
                .flatMap(WorkspacePath.init(escaped:)),
            let node = TreeNode(
                fields: parts.dropLast().map { String(decoding: $0, as: UTF8.self) })
        else { return nil }
        self.init(path, node)
    }
}

extension TreeNode {
    fileprivate init?(fields: [String]) {
        switch (fields[0], fields.count) {
        case ("f", 4), ("F", 4):
            guard let size = Int64(fields[1]), size >= 0, String(size) == fields[1],
                let mode = mode(octal: fields[2]),
                let digest = Hex.decode(fields[3]).flatMap({ Digest(bytes: $0) })
            else { return nil }
            self = .file(
                size: size, mode: mode, digest: digest, hasAttributes: fields[0] == "F")
        case ("d", 2), ("o", 2), ("d+", 2), ("o+", 2):
            guard let mode = mode(octal: fields[1]) else { return nil }
            self = .directory(
                mode: mode, isOpaque: fields[0].hasPrefix("o"),
                hasAttributes: fields[0].hasSuffix("+"))
        case ("l", 2):
            if fields[1] == "-" {
                self = .link(target: [])
                return
            }
            guard !fields[1].isEmpty, let target = Hex.decode(fields[1]),
                target.count <= WorkspacePath.longest
            else { return nil }
            self = .link(target: target)
        case ("w", 1): self = .whiteout
        case ("h", 1): self = .hidden
        case ("s", 2):
            guard let kind = SpecialKind(rawValue: fields[1]) else { return nil }
            self = .special(kind)
        default: return nil
        }
    }
}
