import InterlockEvals
import InterlockGovernor
import InterlockJSON
import InterlockModel

/// The model and the instruction files that the host of one run has named since the run began (docs/specs/evals.md,
/// section 5). All of it was said by the host, so that it can only make a run differ from a result, and prove nothing.
struct NamedParts: Sendable, Hashable {
    private enum Model: Hashable {
        case named(ExactText)
        case unknown
    }

    /// The most files that are known of a run, the most bytes of one name, and of the names of all files: far above what a
    /// result states. A run that names more differs from every result.
    static let mostFiles = 256
    static let longest = 4096
    static let mostBytes = 128 << 10

    let agent: AgentName
    private var firstModel: ExactText?
    private var model: Model?
    /// The folder in which the host worked at first. Paths below it are kept without it, as results state them.
    private var folder: ExactText?
    private var atStart: Set<ExactText> = []
    private var later: Set<ExactText> = []
    /// The bytes of the names of all files.
    private var bytes = 0
    private var hasMoreFiles = false

    init(of agent: AgentName) { self.agent = agent }

    mutating func show(_ part: NamedPart) {
        switch part {
        case .model(let name?) where Self.isKept(name):
            model = .named(name)
            if firstModel == nil { firstModel = name }
        case .model: model = .unknown
        case .folder(let folder): keep(folder)
        case .instructions(let path, let folder, let isAtStart):
            if let folder { keep(folder) }
            // A file without a name is none that a result states.
            let file = path ?? ""
            guard Self.isKept(file) else {
                hasMoreFiles = true
                return
            }
            add(relative(file), isAtStart: isAtStart)
        }
    }

    private static func isKept(_ name: ExactText) -> Bool { name.text.utf8.count <= longest }

    private mutating func keep(_ folder: ExactText) {
        if self.folder == nil, Self.isKept(folder) { self.folder = folder }
    }

    private mutating func add(_ file: ExactText, isAtStart: Bool) {
        // A host reads a file again after it has compacted its context.
        guard !atStart.contains(file), !later.contains(file) else { return }
        let length = file.text.utf8.count
        guard atStart.count + later.count < Self.mostFiles, bytes + length <= Self.mostBytes
        else {
            hasMoreFiles = true
            return
        }
        bytes += length
        if isAtStart { atStart.insert(file) } else { later.insert(file) }
    }

    private func relative(_ path: ExactText) -> ExactText {
        guard let folder, !folder.text.isEmpty else { return path }
        let start = Array(folder.text.utf8) + (folder.text.utf8.last == slash ? [] : [slash])
        let bytes = Array(path.text.utf8)
        guard bytes.starts(with: start) else { return path }
        return ExactText(String(decoding: bytes.dropFirst(start.count), as: UTF8.self))
    }

    private var slash: UInt8 { UInt8(ascii: "/") }

    /// Returns what takes the place of the models of a result that states these names, or nil if the run's model is one
    /// of them. Of a result that names no model, the first one counts.
    func otherModel(than names: FingerprintNames) -> JSONValue? {
        let shown: JSONValue
        switch model {
        case nil: return nil
        case .unknown?: shown = .null
        case .named(let name)?:
            let isStated = names.models.isEmpty ? name == firstModel : names.models.contains(name)
            if isStated { return nil }
            shown = .string(name.text)
        }
        return .object(["shown": shown])
    }

    /// Returns what takes the place of the instruction files of a result that states these names, or nil if the run has
    /// read no other. Of a result that names none, those count that the host read when it started.
    func otherFiles(than names: FingerprintNames) -> JSONValue? {
        let stated = names.prompt.isEmpty ? atStart : Set(names.prompt)
        let other = atStart.union(later).subtracting(stated).sorted()
        guard !other.isEmpty || hasMoreFiles else { return nil }
        return .object([
            "more": .bool(hasMoreFiles), "shown": .array(other.map { .string($0.text) }),
        ])
    }
}
