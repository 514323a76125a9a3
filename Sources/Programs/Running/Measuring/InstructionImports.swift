import InterlockWorkspace

/// The files of a workspace that instruction files import by `@path`, as Claude Code, Gemini CLI and Cursor read them:
/// relative to the file that names them, for rules of Cursor also to the workspace, or absolute in the sandbox, and from
/// file to file.
///
/// It finds more than a host imports, for instance names in examples of code: a file that is measured needlessly refuses
/// a run whose evals do not list it, and one that is missed would change an agent unseen.
struct InstructionImports {
    private static let at = UInt8(ascii: "@")
    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")
    private static let cursorRules = Array(".cursor/".utf8)
    private static let hash = UInt8(ascii: "#")
    /// The bytes with which a sentence may end behind a path.
    private static let closing = Array(".,;:!?)]}>\"'`*".utf8)
    /// The most of these bytes that are taken off.
    private static let mostClosing = 4
    /// The most files that are followed.
    static let mostFiles = 200
    /// The white space of ECMAScript that is not ASCII. Some hosts end a path with it, for others it is a part of the path.
    private static let wideSpaces: [[UInt8]] = [
        "\u{A0}", "\u{1680}", "\u{2000}", "\u{2001}", "\u{2002}", "\u{2003}", "\u{2004}",
        "\u{2005}", "\u{2006}", "\u{2007}", "\u{2008}", "\u{2009}", "\u{200A}", "\u{2028}",
        "\u{2029}", "\u{202F}", "\u{205F}", "\u{3000}", "\u{FEFF}",
    ].map { Array($0.utf8) }

    /// The files of the workspace that are imported, with those that they import; and the links that lead to imported
    /// files, which are not followed: no list of evals can have a link.
    private(set) var found: Set<WorkspacePath> = []

    /// - Parameters:
    ///   - first: the instruction files whose imports hosts follow.
    ///   - read: returns the content of a file of the workspace.
    /// - Throws: what `read` throws, or that too many files are imported.
    init(
        of first: [WorkspacePath], in workspace: TreeListing,
        read: (WorkspacePath) throws(RunRefusal) -> [UInt8]
    ) throws(RunRefusal) {
        var open = first
        var seen = Set(first)
        var links: Set<WorkspacePath> = []
        for entry in workspace.entries {
            if case .link = entry.node { links.insert(entry.path) }
        }
        while let path = open.popLast() {
            guard case .file? = workspace[path] else { continue }
            var bases = [path]
            if path.bytes.starts(with: Self.cursorRules) { bases.append(.root) }
            for name in Self.names(in: try read(path)) {
                for base in bases {
                    guard let named = Self.target(name, of: base),
                        let target = workspace[named].isContent
                            ? named : Self.link(in: named, among: links)
                    else { continue }
                    found.insert(target)
                    guard seen.insert(target).inserted else { continue }
                    guard found.count <= Self.mostFiles else {
                        throw RunRefusal(
                            RunExit.refused, "fingerprint",
                            "the instruction files import more than \(Self.mostFiles) files")
                    }
                    open.append(target)
                }
            }
        }
    }

    /// Returns the first folder of a path that is a link, or nil if there is none. What is behind it is in no listing.
    private static func link(
        in path: WorkspacePath, among links: Set<WorkspacePath>
    ) -> WorkspacePath? {
        guard !links.isEmpty else { return nil }
        var folder = WorkspacePath.root
        for name in path.components {
            guard let next = folder.appending(name) else { return nil }
            if links.contains(next) { return next }
            folder = next
        }
        return nil
    }

    /// Returns each text behind an `@`, up to a space that no backslash escapes, also without its fragment and the
    /// signs at its end; and each up to white space that is not ASCII, too.
    static func names(in text: [UInt8]) -> [[UInt8]] {
        let names = Self.names(in: text, isWide: false)
        return text.contains { $0 >= 0x80 } ? names + Self.names(in: text, isWide: true) : names
    }

    private static func names(in text: [UInt8], isWide: Bool) -> [[UInt8]] {
        var names: [[UInt8]] = []
        var place = 0
        while let start = text[place...].firstIndex(of: at) {
            var name: [UInt8] = []
            place = start + 1
            while place < text.count, !isSpace(text, at: place, isWide) {
                let next = place + 1
                if text[place] == backslash, next < text.count, text[next] == UInt8(ascii: " ") {
                    place = next
                }
                name.append(text[place])
                place += 1
            }
            var short = name.prefix { $0 != hash }
            names.append(name)
            names.append(Array(short))
            for _ in 0..<mostClosing {
                guard let last = short.last, closing.contains(last) else { break }
                short.removeLast()
                names.append(Array(short))
            }
        }
        return names
    }

    private static func isSpace(_ text: [UInt8], at place: Int, _ isWide: Bool) -> Bool {
        let byte = text[place]
        guard byte >= 0x80 else { return byte == 0x20 || (0x09...0x0D).contains(byte) }
        return isWide && wideSpaces.contains { text[place...].starts(with: $0) }
    }

    /// Returns the entry of the workspace that a name of this file leads to, or nil if it leads elsewhere.
    static func target(_ name: [UInt8], of file: WorkspacePath) -> WorkspacePath? {
        let inside = Array((SandboxCompiler.workspace + "/").utf8)
        var names: [ArraySlice<UInt8>] = []
        var rest = name[...]
        if name.starts(with: inside) {
            rest = name.dropFirst(inside.count)
        } else if name.first == slash {
            return nil
        } else {
            names = Array(file.components.dropLast())
        }
        for part in rest.split(separator: slash) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                guard names.popLast() != nil else { return nil }
                continue
            }
            names.append(part)
        }
        return WorkspacePath(Array(names.joined(separator: [slash])))
    }
}

extension TreeNode? {
    /// True for a file, and for a link, which is measured by its target.
    fileprivate var isContent: Bool {
        switch self {
        case .file?, .link?: true
        default: false
        }
    }
}
