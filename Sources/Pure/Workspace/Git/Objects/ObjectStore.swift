/// A folder of a tree in which Git finds objects: those of `.git`, of its modules, of a nested repository or of one
/// without a work tree.
package struct ObjectStore: Hashable, Sendable {
    /// The most stores of one tree.
    package static let most = 64
    private static let prefix = Array("pack-".utf8)
    private static let suffixes = [".idx".utf8, ".pack".utf8].map { Array($0) }
    private static let pack = Array("pack".utf8)
    private static let objects = Array("objects".utf8)
    private static let git = Array(".git".utf8)

    /// The folder with the objects, such as `.git/objects`.
    package let folder: WorkspacePath
    package let format: ObjectFormat

    package init(folder: WorkspacePath, format: ObjectFormat) {
        (self.folder, self.format) = (folder, format)
    }

    /// The reason why the stores of a tree cannot be read.
    package enum Fault: Error, Hashable, Sendable {
        case tooMany
        /// The folder has names of both formats.
        case mixed(WorkspacePath)

        package var message: String {
            switch self {
            case .tooMany: "the project has more than \(ObjectStore.most) repositories"
            case .mixed(let folder):
                "`\(folder.escaped)` has names of objects in two formats"
            }
        }
    }

    /// Returns the stores of a tree, by the names of their files: a folder of Git need not be called `.git`, and a
    /// repository can lie in two folders.
    package static func stores(in tree: TreeListing) throws(Fault) -> [ObjectStore] {
        var found: [WorkspacePath: ObjectFormat?] = [:]
        for entry in tree.entries {
            guard case .file = entry.node, let (folder, format) = store(of: entry.path) else {
                continue
            }
            let known = found[folder] ?? nil
            if let known, let format, known != format { throw .mixed(folder) }
            found[folder] = .some(known ?? format)
            guard found.count <= most else { throw .tooMany }
        }
        return found.map { ObjectStore(folder: $0.key, format: $0.value ?? .sha1) }
            .sorted { $0.folder < $1.folder }
    }

    /// Returns the folder of the store that a file belongs to, if any, and the format if the name shows it.
    private static func store(
        of path: WorkspacePath
    ) -> (folder: WorkspacePath, format: ObjectFormat?)? {
        let (name, parent) = (path.name, path.parent)
        guard !parent.isRoot else { return nil }
        if let format = format(digits: name.count + 2), name.allSatisfy(ObjectID.isDigit),
            parent.name.count == 2, parent.name.allSatisfy(ObjectID.isDigit)
        {
            return (parent.parent, format)
        }
        guard parent.name.elementsEqual(pack),
            let suffix = suffixes.first(where: { name.count > $0.count && name.hasSuffix($0) })
        else { return nil }
        let stem = name.dropLast(suffix.count)
        if stem.starts(with: prefix) {
            let digits = stem.dropFirst(prefix.count)
            if let format = format(digits: digits.count), digits.allSatisfy(ObjectID.isDigit) {
                return (parent.parent, format)
            }
        }
        // Git reads a pack under any name.
        return parent.parent.name.elementsEqual(objects) ? (parent.parent, nil) : nil
    }

    private static func format(digits: Int) -> ObjectFormat? {
        [ObjectFormat.sha1, .sha256].first { $0.digits == digits }
    }

    /// The folder with references and logs, or nil if the store is not in one.
    package var repository: WorkspacePath? {
        folder.name.elementsEqual(Self.objects) ? folder.parent : nil
    }

    /// The folder below which the paths of commits lie, as they are shown.
    package var root: WorkspacePath {
        guard let repository else { return folder }
        return repository.name.elementsEqual(Self.git) ? repository.parent : repository
    }

    /// Returns the printed form of a path in a commit, below the root of the tree.
    package func shown(_ path: [UInt8]) -> String {
        EscapedBytes.text(root.isRoot ? path : root.bytes + [UInt8(ascii: "/")] + path)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
    }
}
