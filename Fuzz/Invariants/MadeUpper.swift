import CLinux
import Glibc
import InterlockCredentials
import InterlockModel
import InterlockWorkspace
import InterlockWorkspaceFiles

/// A directory tree that bytes describe, made in a temporary directory, and the listing that a walk of it must give.
///
/// Each entry is a kind, the index of its directory, the length of its name, the name, the length of its content, and the
/// content. An entry that the file system does not take is left out.
struct MadeUpper {
    private enum Kind: Int, CaseIterable {
        case directory, file, link, whiteout, fifo, socket
        case opaque, notQuiteOpaque, redirected, ownAttribute, overlayAttribute, hardLink, withMode
    }

    private struct Folder {
        let descriptor: Int32
        let path: WorkspacePath
        /// The number of directories above, without the root.
        let depth: Int
        /// True if the walk lists nothing of what is below.
        let isClosed: Bool
    }

    /// A name that was made, to be removed in the opposite order.
    private struct Name {
        let folder: Int32
        let name: [CChar]
        let isDirectory: Bool
    }

    /// More than the levels that a walk reads.
    private static let mostEntries = UpperWalk.deepest + 40

    let root: String
    private(set) var expected: [TreeEntry] = []
    /// True if a path has more bytes than a path may have, so nothing can be listed.
    private(set) var isTooLong = false

    private var folders: [Folder] = []
    private var names: [Name] = []
    private var files: [(folder: Int32, name: [CChar])] = []
    private let hashing = OpenSSLHashing()

    private struct NotMade: Error {}

    init(_ bytes: [UInt8]) throws {
        var template = Array("/tmp/interlock-upper-\(String(repeating: "X", count: 6))".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw NotMade() }
        root = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let descriptor = unsafe open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            unsafe rmdir(root)
            throw NotMade()
        }
        folders = [Folder(descriptor: descriptor, path: .root, depth: 0, isClosed: false)]
        var rest = bytes[...]
        for _ in 0..<Self.mostEntries {
            guard let head = Self.take(3, from: &rest) else { return }
            let kind = Kind.allCases[Int(head[0]) % Kind.allCases.count]
            // The last directory is the likeliest, so that deep trees are short inputs.
            let folder = folders[folders.count - 1 - Int(head[1]) % folders.count]
            let name = Self.take(Int(head[2]), from: &rest) ?? []
            let content = Self.take(1, from: &rest).flatMap { Self.take(Int($0[0]), from: &rest) }
            make(kind, Self.named(name), content ?? [], in: folder)
        }
    }

    func remove() {
        for one in names.reversed() {
            _ = unsafe unlinkat(one.folder, one.name, one.isDirectory ? AT_REMOVEDIR : 0)
        }
        for folder in folders { close(folder.descriptor) }
        unsafe rmdir(root)
    }

    private static func take(_ count: Int, from rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// The bytes without those that no name has.
    private static func named(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { $0 == 0 || $0 == UInt8(ascii: "/") ? UInt8(ascii: "x") : $0 }
    }

    private static func terminated(_ bytes: [UInt8]) -> [CChar] {
        bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
    }

    // MARK: one entry

    private mutating func make(
        _ kind: Kind, _ bytes: [UInt8], _ content: [UInt8], in folder: Folder
    ) {
        guard WorkspacePath.isName(bytes) else { return }
        let name = Self.terminated(bytes)
        let node: TreeNode?
        switch kind {
        case .directory, .opaque, .notQuiteOpaque, .redirected:
            return makeFolder(kind, bytes, content, in: folder)
        case .file, .ownAttribute, .overlayAttribute, .withMode:
            node = makeFile(kind, name, content, in: folder.descriptor)
        case .hardLink:
            node = makeHardLink(name, content, in: folder.descriptor)
        case .link:
            let target = Self.terminated(content)
            guard unsafe symlinkat(target, folder.descriptor, name) == 0 else { return }
            node = .link(target: target.dropLast().map { UInt8(bitPattern: $0) })
        case .whiteout: node = makeNode(S_IFCHR, name, .whiteout, in: folder.descriptor)
        case .fifo: node = makeNode(S_IFIFO, name, .special(.fifo), in: folder.descriptor)
        case .socket: node = makeNode(S_IFSOCK, name, .special(.socket), in: folder.descriptor)
        }
        guard let node else { return }
        names.append(Name(folder: folder.descriptor, name: name, isDirectory: false))
        note(node, bytes, in: folder)
    }

    private mutating func note(_ node: TreeNode, _ name: [UInt8], in folder: Folder) {
        guard !folder.isClosed else { return }
        guard let path = folder.path.appending(name) else {
            isTooLong = true
            return
        }
        expected.append(TreeEntry(path, node))
    }

    private func makeNode(
        _ kind: mode_t, _ name: [CChar], _ node: TreeNode, in folder: Int32
    ) -> TreeNode? { unsafe mknodat(folder, name, kind | 0o600, 0) == 0 ? node : nil }

    private mutating func makeFile(
        _ kind: Kind, _ name: [CChar], _ content: [UInt8], in folder: Int32
    ) -> TreeNode? {
        let file = unsafe openat(
            folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer { close(file) }
        files.append((folder, name))
        guard unsafe write(file, content, content.count) == content.count else {
            preconditionFailure("a small file is written")
        }
        if kind == .withMode, content.count > 1 {
            // Root could read it anyway; the user must be able to.
            let wanted = mode_t(content[0]) << 8 | mode_t(content[1])
            fchmod(file, wanted & 0o7777 | 0o600)
        }
        let own = kind == .ownAttribute && set("user.own", content, on: file)
        if kind == .overlayAttribute {
            let note = content.first.map { Self.notes[Int($0) % Self.notes.count] } ?? Self.notes[0]
            if set(note.name, Array("y".utf8), on: file) { return .special(note.kind) }
        }
        return .file(
            size: Int64(content.count), mode: mode(of: file),
            digest: hashing.sha256(content), hasAttributes: own)
    }

    /// The notes of an overlay that make a file special.
    private static let notes: [(name: String, kind: SpecialKind)] = [
        ("user.overlay.metacopy", .metacopy), ("user.overlay.redirect", .redirect),
        ("user.overlay.opaque", .overlayAttribute), ("user.overlay.new", .overlayAttribute),
    ]

    /// A second name of a file, or of the first one if the content names none.
    private func makeHardLink(
        _ name: [CChar], _ content: [UInt8], in folder: Int32
    ) -> TreeNode? {
        guard !files.isEmpty else { return nil }
        let index = Int(content.first ?? 0) % files.count
        guard unsafe linkat(files[index].folder, files[index].name, folder, name, 0) == 0 else {
            return nil
        }
        let file = unsafe openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        precondition(file >= 0, "an own file is opened")
        defer { close(file) }
        return node(ofFile: file)
    }

    /// The node of a file that was made before, read by its descriptor.
    private func node(ofFile file: Int32) -> TreeNode {
        for note in Self.notes where has(note.name, on: file) { return .special(note.kind) }
        var content = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(file, &content, content.count)
        precondition(count >= 0, "an own file is read")
        return .file(
            size: Int64(count), mode: mode(of: file),
            digest: hashing.sha256(Array(content.prefix(count))),
            hasAttributes: has("user.own", on: file))
    }

    private mutating func makeFolder(
        _ kind: Kind, _ bytes: [UInt8], _ content: [UInt8], in folder: Folder
    ) {
        let name = Self.terminated(bytes)
        guard unsafe mkdirat(folder.descriptor, name, 0o700) == 0 else { return }
        names.append(Name(folder: folder.descriptor, name: name, isDirectory: true))
        let made = unsafe openat(
            folder.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        precondition(made >= 0, "an own directory is opened")
        if let first = content.first { fchmod(made, mode_t(first) << 4 & 0o7077 | 0o700) }
        var special: SpecialKind?
        var isOpaque = false
        switch kind {
        case .opaque: isOpaque = set("user.overlay.opaque", Array("y".utf8), on: made)
        case .notQuiteOpaque:
            // No kernel writes such a value; a long one is not read at all.
            let value = content + [0]
            if set("user.overlay.opaque", value, on: made) {
                special = value.count > 8 ? .unreadable : .overlayAttribute
            }
        case .redirected:
            if set("user.overlay.redirect", content, on: made) { special = .redirect }
        default: break
        }
        if special == nil, folder.depth >= UpperWalk.deepest { special = .tooDeep }
        let node =
            special.map { TreeNode.special($0) }
            ?? .directory(mode: mode(of: made), isOpaque: isOpaque, hasAttributes: false)
        note(node, bytes, in: folder)
        let path = folder.path.appending(bytes)
        folders.append(
            Folder(
                descriptor: made, path: path ?? folder.path, depth: folder.depth + 1,
                isClosed: folder.isClosed || special != nil || path == nil))
    }

    // MARK: modes and attributes

    /// The mode that the file system gave.
    private func mode(of descriptor: Int32) -> UInt16 {
        var status = stat()
        precondition(unsafe fstat(descriptor, &status) == 0, "an open file has a state")
        return UInt16(status.st_mode & 0o7777)
    }

    /// - Returns: false if the file system has no such attributes.
    private func set(_ name: String, _ value: [UInt8], on descriptor: Int32) -> Bool {
        unsafe fsetxattr(descriptor, name, value, value.count, 0) == 0
    }

    private func has(_ name: String, on descriptor: Int32) -> Bool {
        unsafe fgetxattr(descriptor, name, nil, 0) >= 0
    }
}
