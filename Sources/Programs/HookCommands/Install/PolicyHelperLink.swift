import Glibc
import InterlockCommandLine
import InterlockHostSettings

/// The link at which Claude Code finds its policy helper: it leads to this program.
struct PolicyHelperLink {
    private let program: String

    /// - Throws: exit 1 if another user than root can replace this program, or if there is something else at the path.
    init() throws(Failure) {
        guard let program = File.realPath("/proc/self/exe") else {
            throw Failure(.io, "the path of this program cannot be found")
        }
        try TrustedPath.checkIsOfRoot(program)
        self.program = program
        switch Self.target {
        case .none where !File.exists(HookPaths.policyHelper): break
        case .some(let target) where target.hasSuffix("/interlock"): break
        case .none, .some:
            throw Failure(.no, "`\(HookPaths.policyHelper)` is not a link to `interlock`")
        }
    }

    func make() throws(Failure) {
        let path = HookPaths.policyHelper
        guard Self.target != program else { return }
        try TrustedPath.makeFolders(
            above: path, base: "", mode: mode_t(HostSettingsFile.folderMode))
        let draft = File.draft(of: path)
        _ = unsafe unlink(draft)
        guard unsafe symlink(program, draft) == 0, unsafe rename(draft, path) == 0 else {
            throw Failure(.io, FileFailure("create", path).message)
        }
    }

    static func remove() throws(Failure) {
        guard target?.hasSuffix("/interlock") == true else { return }
        guard unsafe unlink(HookPaths.policyHelper) == 0 else {
            throw Failure(.io, FileFailure("remove", HookPaths.policyHelper).message)
        }
    }

    /// The text of the link, or nil if there is none.
    private static var target: String? {
        var text = [CChar](repeating: 0, count: 4096)
        let count = unsafe readlink(HookPaths.policyHelper, &text, text.count)
        return count > 0
            ? String(decoding: text.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }
}
